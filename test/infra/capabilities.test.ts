import { describe, expect, it } from 'vitest';
import { mysqlFunctionsOf } from '../../infra/capability-resources.ts';
import { localEnvironment } from '../../infra/local/environment.ts';
import { functions } from '../../infra/system.ts';
import { synthesize } from './aws/synthesis.ts';
import { environmentsOf } from './aws/template-environment.ts';

/** Set only locally: on AWS, Lambda sets them, clients find the addresses themselves, or nothing announces writes. */
const HERE_ONLY = /^(AWS_|TZ$|MYSQL_PASSWORD$|API_TOKEN$|TABLE_WRITES(_CHANNEL)?$)/;
/** Variables for secrets, identities and certificates that exist only on AWS. */
const THERE_ONLY =
  /^(SECRET_ARN|MYSQL_PASSWORD_FUNCTION|MYSQL_CA_FILE|KAFKA_AUTH|API_TOKEN_SECRET_ARN|API_TOKEN_FUNCTION)$/;

const HERE = {
  addresses: {
    region: 'local',
    dynamodbEndpoint: 'http://127.0.0.1:1',
    dynamodbAccessKeyId: 'key',
    dynamodbSecretAccessKey: 'secret',
    kafkaBrokers: '127.0.0.1:2',
    mysql: { host: '127.0.0.1', port: 3, user: 'user', password: 'password', database: 'database' },
  },
  names: { database: 'database', table: 'table', topic: 'topic', consumerGroup: 'group' },
  mysqlFunctions: mysqlFunctionsOf(functions),
  lambdaEndpoint: 'http://127.0.0.1:4',
  tableWritesChannel: 'writes',
  pageDirectory: 'page',
  docsDirectory: 'docs',
  schemaDirectory: 'schema',
  apiToken: 'token',
  logLevel: 'INFO',
};

describe('the environment of a function', () => {
  const onAws = environmentsOf(synthesize());

  it.each(Object.entries(functions))(
    'the function %s has the same variables locally and on AWS',
    (name, definition) => {
      const here = Object.keys(localEnvironment(name, definition, HERE)).filter(
        (each) => !HERE_ONLY.test(each),
      );
      const there = Object.keys(onAws.get(name) ?? {}).filter((each) => !THERE_ONLY.test(each));
      expect(there.sort()).toEqual(here.sort());
    },
  );
});
