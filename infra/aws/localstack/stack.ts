import {
  BootstraplessSynthesizer,
  CfnOutput,
  type IStackSynthesizer,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { LOCALSTACK_STACK } from '../../local/localstack.ts';
import type { SystemDescription } from '../../system-description.ts';
import { apiTokenSecret, simulationTable } from '../stacks/storage-stack.ts';

/**
 * The parts of the deployment that LocalStack's free edition offers: table with stream, bucket and token. It has no MSK, RDS,
 * HTTP API or CloudFront. It has Lambda without the MSK event source, so all functions run in the local host beside it.
 */
export class LocalStackStack extends Stack {
  constructor(scope: Construct, { table }: Pick<SystemDescription, 'table'>) {
    // Needs no bootstrap: the stack has no assets.
    super(scope, LOCALSTACK_STACK, {
      description: 'Retail Time Machine: the part that runs on LocalStack',
      // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
    });
    const removalPolicy = RemovalPolicy.DESTROY;
    const simulation = simulationTable(this, table, { deletionProtection: false, removalPolicy });
    const bucket = new Bucket(this, 'DataSets', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      removalPolicy,
    });
    const token = apiTokenSecret(this, removalPolicy);
    new CfnOutput(this, 'TableName', { value: simulation.tableName });
    new CfnOutput(this, 'BucketName', { value: bucket.bucketName });
    new CfnOutput(this, 'ApiTokenSecret', { value: token.secretArn });
  }
}
