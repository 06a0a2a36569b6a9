import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { LocalStackStack } from '../../../../infra/aws/localstack/stack.ts';
import { localEnvironment } from '../../../../infra/local/environment.ts';
import { deployedSystem } from '../../../../infra/system.ts';
import { synthesize } from '../synthesis.ts';

/** Resource types that LocalStack 4.14.0 has a provider for in its free edition, of those that the deployment uses. */
const HELD = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::CDK::Metadata'];

const template = Template.fromStack(new LocalStackStack(new App(), deployedSystem));
const resources: Record<string, { Type: string; Properties: unknown }> = template.toJSON().Resources;

describe('the stack for LocalStack', () => {
  it('the LocalStack stack has only resources of the free edition and no code to upload', () => {
    expect([...new Set(Object.values(resources).map(({ Type }) => Type))].sort()).toEqual(
      HELD.filter((type) => type !== 'AWS::CDK::Metadata').sort(),
    );
    // Parameters would require a bootstrap, and with it services that LocalStack lacks.
    expect(template.toJSON().Parameters).toBeUndefined();
  });

  it('the LocalStack stack has the same table as a stage without protection', () => {
    const [ours] = Object.values(template.findResources('AWS::DynamoDB::Table'));
    const [deployed] = Object.values(synthesize().template('storage').findResources('AWS::DynamoDB::Table'));
    const { Tags: _tags, ...properties } = deployed?.Properties ?? {};
    expect(ours?.Properties).toEqual(properties);
  });

  it('the LocalStack stack outputs what the hosted functions need', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
      'ApiTokenSecret',
      'BucketName',
      'TableName',
    ]);
  });
});

describe('functions beside LocalStack', () => {
  const endpoint = 'http://127.0.0.1:4566';
  const apiTokenSecret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiToken-x';
  const environmentOf = (uses: 'api-token' | 'dataset' | 'table:read') =>
    localEnvironment(
      'some',
      { uses: [uses], memoryMb: 128, invocation: 'buffered', environment: {} },
      {
        addresses: {
          kafkaBrokers: '127.0.0.1:9092',
          mysql: { host: '127.0.0.1', port: 3306, user: 'retail', password: 'x', database: 'retail' },
          dynamodbEndpoint: endpoint,
          dynamodbAccessKeyId: 'test',
          dynamodbSecretAccessKey: 'test',
          region: 'us-east-1',
        },
        names: { database: 'retail', table: 'deployed', topic: 'sales-events', consumerGroup: 'group' },
        mysqlFunctions: undefined,
        lambdaEndpoint: 'http://127.0.0.1:1',
        tableWritesChannel: 'writes',
        pageDirectory: '/page',
        docsDirectory: '/docs',
        schemaDirectory: '/schema',
        apiToken: 'of the environment',
        logLevel: 'INFO',
        deployment: { apiTokenSecret },
      },
    );

  it('functions beside LocalStack read token, data set and table from it, as on AWS', () => {
    expect(environmentOf('api-token')).toMatchObject({
      API_TOKEN_SECRET_ARN: apiTokenSecret,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    });
    expect(environmentOf('api-token')).not.toHaveProperty('API_TOKEN');
    expect(environmentOf('dataset')).toMatchObject({ AWS_ENDPOINT_URL_S3: endpoint });
    expect(environmentOf('table:read')).toMatchObject({
      TABLE_NAME: 'deployed',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    });
  });
});
