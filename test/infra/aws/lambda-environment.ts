/** The environment of a deployed function, with stand-ins for values that only AWS knows. */
import { synthesize } from './synthesis.ts';
import { environmentsOf, resolved } from './template-environment.ts';

/** Variables that Lambda sets in addition to the template's. */
const ON_LAMBDA = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_LAMBDA_FUNCTION_NAME: 'function',
};

/** Addresses that are computed at deployment. */
const COMPUTED = {
  TABLE_NAME: 'simulation',
  MYSQL_HOST: 'database.example.com',
  MYSQL_PORT: '3306',
  SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mysql',
  MYSQL_CA_FILE: '/var/task/rds-ca/eu-central-1.pem',
  KAFKA_BROKERS: 'broker.example.com:9098',
  ORIGIN_SECRETS: 'origin-secret',
  API_TOKEN_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:token',
};

/** The environment of each function by its name. @param directoryOf Where a function's bundle is. */
export function lambdaEnvironments(
  directoryOf: (name: string) => string,
): Map<string, Record<string, string>> {
  const entries = [...environmentsOf(synthesize())].map(([name, variables]) => {
    return [name, { ...ON_LAMBDA, ...resolved(variables, directoryOf(name), COMPUTED) }] as const;
  });
  return new Map(entries);
}
