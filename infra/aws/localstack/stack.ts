import {
  BootstraplessSynthesizer,
  CfnOutput,
  type IStackSynthesizer,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SystemDescription } from '../../system-description.ts';
import { apiToken, simulationTable } from '../stacks/storage-stack.ts';

export const LOCALSTACK_STACK = 'rtm-localstack';

/**
 * What LocalStack's free edition really holds of the deployment and the hosted functions can use: table with stream, bucket,
 * token. It has no MSK, RDS, HTTP API and CloudFront. It has Lambda, but not the event source of MSK, so the functions are
 * all hosted beside it rather than half of them twice.
 */
export class LocalStackStack extends Stack {
  constructor(scope: Construct, { table }: Pick<SystemDescription, 'table'>) {
    // No bootstrap, for there are no assets and nobody else in that account.
    super(scope, LOCALSTACK_STACK, {
      description: 'Retail Time Machine: what LocalStack holds of it',
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
    const token = apiToken(this, removalPolicy);
    new CfnOutput(this, 'TableName', { value: simulation.tableName });
    new CfnOutput(this, 'BucketName', { value: bucket.bucketName });
    new CfnOutput(this, 'ApiTokenSecret', { value: token.secretArn });
  }
}
