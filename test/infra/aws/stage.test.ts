import { describe, expect, it } from 'vitest';
import { readStage, StageError } from '../../../infra/aws/stage.ts';
import { contextWith, stageNamed } from './synthesis.ts';

function read(context: Record<string, unknown>) {
  return readStage((key) => context[key]);
}

/** The stage `own`, which changes some of `dev`. */
function own(changes: Record<string, unknown>) {
  const { stages } = contextWith() as { stages: Record<string, unknown> };
  return read(contextWith({ stage: 'own', stages: { ...stages, own: { extends: 'dev', ...changes } } }));
}

describe('stages', () => {
  it.each(['dev', 'hobby', 'prod'])('the stage %s of cdk.json is valid', (name) => {
    expect(stageNamed(name).name).toBe(name);
  });

  it('a stage may extend another, overriding only the settings it has', () => {
    const stage = own({ mysql: { multiAz: true }, monthlyBudgetUsd: 30 });
    const dev = stageNamed('dev');
    expect(stage).toEqual({
      ...dev,
      name: 'own',
      monthlyBudgetUsd: 30,
      mysql: { ...dev.mysql, multiAz: true },
    });
  });

  it.each([
    ['a value of the wrong type', { protectData: 'yes' }, /stages\.own\.protectData/],
    [
      'a value out of range',
      { network: { availabilityZones: 4 } },
      /stages\.own\.network\.availabilityZones/,
    ],
    [
      'a zone that MSK refuses',
      { network: { zones: ['use1-az1', 'use1-az3'] } },
      /network\.zones.*MSK.*use1-az3/,
    ],
    [
      'names and ids of zones mixed',
      { network: { zones: ['use1-az1', 'us-east-1b'] } },
      /network\.zones.*names or ids/,
    ],
    ['another number of zones', { network: { zones: ['use1-az1'] } }, /network\.zones.*availabilityZones/],
    ['a zone named twice', { network: { zones: ['use1-az1', 'use1-az1'] } }, /network\.zones.*twice/],
    ['an unknown setting', { kafka: { brokers: 3 } }, /stages\.own\.kafka.*brokers/],
    ['a retention that CloudWatch does not have', { logRetentionDays: 8 }, /stages\.own\.logRetentionDays/],
    ['an invalid address', { alarmEmail: 'nobody' }, /stages\.own\.alarmEmail/],
    ['more zones with a way out than zones', { network: { egressZones: 3 } }, /egressZones.*more than/],
    ['storage that would shrink', { mysql: { storageGb: 100, maxStorageGb: 50 } }, /maxStorageGb.*less than/],
    [
      'a certificate that CloudFront does not take',
      {
        domain: { name: 'a.example.com', certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1' },
      },
      /stages\.own\.domain\.certificateArn.*us-east-1/,
    ],
    [
      'a stream longer than a function may run',
      { stream: { lifetimeSeconds: 1_000 } },
      /stream\.lifetimeSeconds/,
    ],
    ['a MySQL that is no LTS version', { mysql: { version: '9.6.0' } }, /stages\.own\.mysql\.version.*LTS/],
    ['a MySQL that AWS has given up', { mysql: { version: '8.0.44' } }, /stages\.own\.mysql\.version.*LTS/],
    ['polls of the table without a pause', { stream: { quietPollMs: 0 } }, /stream\.quietPollMs/],
  ])('a stage with %s stops the synthesis, which names the setting', (_what, changes, message) => {
    expect(() => own(changes)).toThrow(StageError);
    expect(() => own(changes)).toThrow(message);
  });

  it('a stage reaches the APIs of AWS through its broker if, and only if, it has one', () => {
    const message = /stages\.own\.network\.egress: must be "broker" if, and only if/;
    const broker = { instanceSize: 't4g.nano', volumeGb: 4 };
    expect(() => own({ network: { egress: 'broker' } })).toThrow(message);
    expect(() => own({ broker })).toThrow(message);
    expect(own({ network: { egress: 'broker' }, broker }).broker).toEqual(broker);
  });

  it('a broker of its own runs on Graviton only, whose image it starts', () => {
    const broker = { instanceSize: 't3.nano', volumeGb: 4 };
    expect(() => own({ network: { egress: 'broker' }, broker })).toThrow(
      /stages\.own\.broker\.instanceSize: .*Graviton/,
    );
  });

  it('a stage that is not in cdk.json stops the synthesis', () => {
    expect(() => read(contextWith({ stage: 'staging' }))).toThrow(/no stage "staging".*dev, hobby, prod/);
  });

  it('a stage name that is invalid in resource names stops the synthesis', () => {
    expect(() => read(contextWith({ stage: 'My Stage' }))).toThrow(/-c stage=dev/);
    expect(() => read(contextWith({ stage: undefined }))).toThrow(StageError);
  });

  it('a stage must not extend itself', () => {
    const stages = { a: { extends: 'b' }, b: { extends: 'a' } };
    expect(() => read({ stage: 'a', stages })).toThrow(/a → b → a/);
  });
});
