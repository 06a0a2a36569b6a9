import { CfnOutput, CfnResource, Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Trigger } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { DATASET_PREFIX } from '../../dataset-upload.ts';
import { acknowledge, stageName } from '../system-stack.ts';
import { FunctionStack } from './function-stack.ts';
import type { SharedResources } from './shared-resources.ts';
import type { SystemFunction } from './system-function.ts';

/**
 * The bucket for data sets, the ETL, which is invoked for each new one, and the migrations, which a deployment invokes when they
 * have changed: stacks that serve requests are deployed after this one.
 */
export class DataStack extends FunctionStack {
  readonly bucket: Bucket;

  constructor(scope: Construct, resources: SharedResources) {
    super(scope, 'data', 'Retail Time Machine: data sets, ETL and schema', resources);
    this.bucket = this.createBucket();
    for (const each of this.functions.values()) {
      if (each.definition.uses.includes('dataset')) this.loadWhatArrives(each);
      if (each.definition.uses.includes('schema')) this.migrateAtDeployment(each);
    }
    new CfnOutput(this, 'BucketName', { value: this.bucket.bucketName, description: 'Bucket for data sets' });
  }

  private createBucket(): Bucket {
    // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...this.privateBucket(),
      lifecycleRules: [{ expiration: Duration.days(this.stage.logRetentionDays) }],
    }) as IBucket;
    const bucket = new Bucket(this, 'DataSets', {
      ...this.privateBucket(),
      serverAccessLogsBucket: accessLogs,
      versioned: this.stage.protectData,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // Set in the template, because the construct would deploy a function that may change any bucket's notifications.
    templateResource(bucket).addPropertyOverride(
      'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled',
      true,
    );
    return bucket;
  }

  private privateBucket() {
    return {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: this.dataRemoval,
      autoDeleteObjects: !this.stage.protectData,
    };
  }

  private loadWhatArrives(etl: SystemFunction): void {
    etl.allow([
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects(`${DATASET_PREFIX}*`)],
      }),
    ]);
    const bucketId = this.getLogicalId(templateResource(this.bucket));
    acknowledge(etl, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${DATASET_PREFIX}*]`]:
        'Data sets have any name; the function may only read, under one prefix of one bucket.',
    });
    new Rule(this, `${etl.name}DataSetArrived`, {
      ruleName: stageName(this.stage, `${etl.name}-data-set-arrived`),
      description: `Invokes ${etl.name} for each data set uploaded to the bucket`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [this.bucket.bucketName] },
          object: {
            key: [{ wildcard: `${DATASET_PREFIX}*.csv` }, { wildcard: `${DATASET_PREFIX}*.csv.gz` }],
          },
        },
      },
      targets: [new LambdaFunction(etl.lambda)],
    });
  }

  private migrateAtDeployment({ name, lambda, definition }: SystemFunction): void {
    new Trigger(this, `${name}Deployment`, {
      handler: lambda,
      timeout: Duration.seconds(definition.timeoutSeconds),
      executeOnHandlerChange: true,
      // It invokes others of this stack.
      executeAfter: [...this.functions.values()].map((each) => each.lambda).filter((each) => each !== lambda),
    });
  }
}

/** The resource that a bucket becomes in the template. */
function templateResource(bucket: Bucket): CfnResource {
  const { defaultChild } = bucket.node;
  if (!CfnResource.isCfnResource(defaultChild)) throw new TypeError('A bucket has no resource of its own.');
  return defaultChild;
}
