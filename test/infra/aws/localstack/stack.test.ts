import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { LocalStackStack } from '../../../../infra/aws/localstack/stack.ts';
import { functionEnvironment } from '../../../../infra/local/environment.ts';
import { deployedSystem } from '../../../../infra/system.ts';
import { synthesize } from '../synthesis.ts';

/** Resource types that LocalStack 4.14.0 has a provider for in its free edition, of those that the deployment uses. */
const HELD = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::CDK::Metadata'];

const template = Template.fromStack(new LocalStackStack(new App(), deployedSystem));
const resources: Record<string, { Type: string; Properties: unknown }> = template.toJSON().Resources;

describe('the stack for LocalStack', () => {
  it('holds only what its free edition holds, and no code to upload', () => {
    expect([...new Set(Object.values(resources).map(({ Type }) => Type))].sort()).toEqual(
      HELD.filter((type) => type !== 'AWS::CDK::Metadata').sort(),
    );
    // A bootstrap would be needed, and with it what LocalStack has not.
    expect(template.toJSON().Parameters).toBeUndefined();
  });

  it('has the very table that a stage without protection gets', () => {
    const [ours] = Object.values(template.findResources('AWS::DynamoDB::Table'));
    const [deployed] = Object.values(synthesize().template('storage').findResources('AWS::DynamoDB::Table'));
    const { Tags: _tags, ...properties } = deployed?.Properties ?? {};
    expect(ours?.Properties).toEqual(properties);
  });

  it('tells what the hosted functions need to know', () => {
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
    functionEnvironment(
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

  it('read token, data set and table there, as they do on AWS', () => {
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
