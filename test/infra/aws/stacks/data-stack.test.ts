import { beforeAll, describe, expect, it } from 'vitest';
import { etlEventSchema } from '../../../../shared/dataset/open-dataset.ts';
import { resourcesOf, type Synthesis, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

describe('data sets', () => {
  it('an uploaded data set starts the ETL', () => {
    const template = synthesis.template('data');
    template.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    const [rule] = Object.values(resourcesOf(template, 'AWS::Events::Rule'));
    expect(rule?.Properties.EventPattern).toMatchObject({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [expect.anything()] },
        object: { key: [{ wildcard: 'data-sets/*.csv' }, { wildcard: 'data-sets/*.csv.gz' }] },
      },
    });
    expect(JSON.stringify(rule?.Properties.Targets)).toContain('etlFunction');
  });

  it('the ETL may read data sets under one prefix of one bucket and write none', () => {
    const json = JSON.stringify(resourcesOf(synthesis.template('data'), 'AWS::IAM::Policy'));
    expect(json).toContain('"s3:GetObject"');
    expect(json).toContain('/data-sets/*');
    expect(json).not.toMatch(/s3:(Put|Delete|List)/);
  });

  it('the ETL understands the event of an uploaded data set', () => {
    // From "Amazon S3 event message structure" in EventBridge's reference, shortened.
    const event = {
      version: '0',
      source: 'aws.s3',
      'detail-type': 'Object Created',
      region: 'eu-central-1',
      detail: {
        version: '0',
        bucket: { name: 'bucket' },
        object: { key: 'data-sets/retail store.csv', size: 5, etag: 'b1', sequencer: '00' },
        reason: 'PutObject',
      },
    };
    expect(etlEventSchema.parse(event)).toEqual({
      kind: 's3',
      bucket: 'bucket',
      key: 'data-sets/retail store.csv',
    });
  });
});

describe('the schema', () => {
  it('a deployment waits until the migrations are applied', () => {
    const template = synthesis.template('data');
    template.resourceCountIs('Custom::Trigger', 1);
    template.hasResourceProperties('Custom::Trigger', {
      InvocationType: 'RequestResponse',
      ExecuteOnHandlerChange: true,
    });
  });

  it('migrations have environments of their own, so a data set that loads keeps none from them', () => {
    const template = synthesis.template('data');
    const [trigger] = Object.values(resourcesOf(template, 'Custom::Trigger'));
    const functions = Object.entries(resourcesOf(template, 'AWS::Lambda::Function'));
    const named = (name: string) => functions.find(([, { Properties }]) => Properties.FunctionName === name);
    const [migrateId, migrate] = named('rtm-dev-migrate') ?? [];
    const [etlId] = named('rtm-dev-etl') ?? [];
    const invoked = JSON.stringify(trigger?.Properties.HandlerArn);
    const versions = Object.entries(resourcesOf(template, 'AWS::Lambda::Version'));
    const [, version] = versions.find(([id]) => invoked.includes(id)) ?? [];
    expect(version?.Properties.FunctionName).toEqual({ Ref: migrateId });
    expect(migrateId).not.toBe(etlId);
    expect(migrate?.Properties.ReservedConcurrentExecutions).toBeGreaterThan(1);
  });
});
