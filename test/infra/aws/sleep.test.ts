/** Sleep and wake with the SDK's own clients, on a loopback AWS whose machine and database take their time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { putToSleep, type SleepOptions, wakeUp } from '../../../infra/aws/sleep.ts';
import { eventSources } from '../../../infra/system.ts';
import { type Answer, type Asked, type AwsStandIn, startAws } from './preflight/aws-stand-in.ts';
import { stageNamed } from './synthesis.ts';

/** What is in AWS. A state ending in "-ing" lasts for two looks. */
interface World {
  machine: string;
  database: string;
  /** Of event sources, by function. */
  mappings: Record<string, string>;
  /** Of rules. */
  rules: Record<string, { readonly schedule?: string; enabled: boolean }>;
}

const AWAKE: World = {
  machine: 'running',
  database: 'available',
  mappings: { 'rtm-hobby-producer': 'Enabled', 'rtm-hobby-consumer': 'Enabled' },
  rules: {
    'rtm-hobby-reconciliation-schedule': { schedule: 'rate(5 minutes)', enabled: true },
    'rtm-hobby-etl-data-set-arrived': { enabled: true },
  },
};

const NEXT: Readonly<Record<string, string>> = {
  stopping: 'stopped',
  pending: 'running',
  starting: 'available',
  Disabling: 'Disabled',
  Enabling: 'Enabled',
};

let world: World;
let changes: string[];
let looks: number;
let aws: AwsStandIn;

beforeEach(async () => {
  world = structuredClone(AWAKE);
  changes = [];
  looks = 0;
  aws = await startAws(answerTo);
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
});

afterEach(() => {
  vi.unstubAllEnvs();
  aws.close();
});

function options(timeoutMs = 20_000): SleepOptions {
  return {
    stage: stageNamed('hobby'),
    eventSources,
    target: { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    say: () => {},
    pauseMs: 1,
    timeoutMs,
  };
}

/** What a state has become when it is looked at. */
function seen(state: string): string {
  looks += 1;
  return looks % 3 === 0 ? (NEXT[state] ?? state) : state;
}

function changed(what: string): void {
  changes.push(what);
}

function answerTo({ operation, parameters, path, body }: Asked): Answer {
  switch (operation) {
    case 'ec2.DescribeInstances':
      return { body: instances(parameters) };
    case 'ec2.StopInstances':
      changed('stop machine');
      world.machine = 'stopping';
      return { body: '<StopInstancesResponse><instancesSet/></StopInstancesResponse>' };
    case 'ec2.StartInstances':
      changed('start machine');
      world.machine = 'pending';
      return { body: '<StartInstancesResponse><instancesSet/></StartInstancesResponse>' };
    case 'rds.DescribeDBInstances':
      world.database = seen(world.database);
      return { body: database('DescribeDBInstances') };
    case 'rds.StopDBInstance':
      changed('stop database');
      world.database = 'stopping';
      return { body: database('StopDBInstance') };
    case 'rds.StartDBInstance':
      changed('start database');
      world.database = 'starting';
      return { body: database('StartDBInstance') };
    case 'events.ListRules':
      return {
        body: JSON.stringify({
          Rules: Object.entries(world.rules).map(([Name, { schedule, enabled }]) => ({
            Name,
            State: enabled ? 'ENABLED' : 'DISABLED',
            ...(schedule ? { ScheduleExpression: schedule } : { EventPattern: '{}' }),
          })),
        }),
      };
    case 'events.DisableRule':
    case 'events.EnableRule': {
      const { Name } = JSON.parse(body);
      changed(`${operation === 'events.EnableRule' ? 'resume' : 'pause'} ${Name}`);
      world.rules[Name] = { ...world.rules[Name], enabled: operation === 'events.EnableRule' };
      return { body: '{}' };
    }
    default:
      return mappingAnswer(path, body);
  }
}

function instances(parameters: URLSearchParams): string {
  world.machine = seen(world.machine);
  const asked = [...parameters].filter(([name]) => /^Filter\.2\.Value/.test(name)).map(([, value]) => value);
  expect(parameters.get('Filter.1.Value.1')).toBe('rtm-hobby-kafka');
  const items = asked.includes(world.machine)
    ? '<item><instancesSet><item><instanceId>i-0a1b2c</instanceId></item></instancesSet></item>'
    : '';
  return `<DescribeInstancesResponse><reservationSet>${items}</reservationSet></DescribeInstancesResponse>`;
}

function database(action: string): string {
  const instance = `<DBInstanceIdentifier>rtm-hobby-mysql</DBInstanceIdentifier><DBInstanceStatus>${world.database}</DBInstanceStatus>`;
  const content =
    action === 'DescribeDBInstances'
      ? `<DBInstances><DBInstance>${instance}</DBInstance></DBInstances>`
      : `<DBInstance>${instance}</DBInstance>`;
  return `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`;
}

/** Lambda's API: a list by function, or a change of one. */
function mappingAnswer(path: string, body: string): Answer {
  const [, uuid] = /event-source-mappings\/([^?/]+)$/.exec(path) ?? [];
  if (uuid) {
    if (/ing$/.test(world.mappings[uuid] ?? '')) {
      return { status: 400, errorType: 'ResourceInUseException', body: '{"Message":"It is being changed."}' };
    }
    const { Enabled } = JSON.parse(body);
    changed(`${Enabled ? 'enable' : 'disable'} ${uuid}`);
    if (world.mappings[uuid] !== (Enabled ? 'Enabled' : 'Disabled')) {
      world.mappings[uuid] = Enabled ? 'Enabling' : 'Disabling';
    }
    return { status: 202, body: JSON.stringify({ UUID: uuid, State: world.mappings[uuid] }) };
  }
  const name = new URL(path, 'http://aws').searchParams.get('FunctionName') ?? '';
  world.mappings[name] = seen(world.mappings[name] ?? '');
  const EventSourceMappings = [{ UUID: name, State: world.mappings[name] }];
  return { body: JSON.stringify({ EventSourceMappings }) };
}

function states() {
  return { machine: world.machine, database: world.database, mappings: Object.values(world.mappings) };
}

const ASLEEP = { machine: 'stopped', database: 'stopped', mappings: ['Disabled', 'Disabled'] };
const UP = { machine: 'running', database: 'available', mappings: ['Enabled', 'Enabled'] };

describe('sleep', () => {
  it('sleep pauses what uses the servers before it stops them', async () => {
    await putToSleep(options());
    expect(states()).toEqual(ASLEEP);
    expect(changes).toEqual([
      'pause rtm-hobby-reconciliation-schedule',
      'disable rtm-hobby-producer',
      'disable rtm-hobby-consumer',
      'stop machine',
      'stop database',
    ]);
  });

  it('sleep leaves rules alone that are no schedules', async () => {
    await putToSleep(options());
    expect(world.rules['rtm-hobby-etl-data-set-arrived']?.enabled).toBe(true);
  });

  it('a repeated sleep stops nothing twice', async () => {
    await putToSleep(options());
    changes.length = 0;
    await putToSleep(options());
    expect(changes.filter((change) => change.startsWith('stop'))).toEqual([]);
    expect(states()).toEqual(ASLEEP);
  });

  it('sleep waits until RDS has finished a backup, and says so if that takes too long', async () => {
    world.database = 'backing-up';
    await expect(putToSleep(options(50))).rejects.toThrow(
      /until the database can be stopped\. Run the command again/,
    );
    world.database = 'available';
    await putToSleep(options());
    expect(states()).toEqual(ASLEEP);
  });
});

describe('wake', () => {
  it('wake starts the servers before it resumes what uses them', async () => {
    await putToSleep(options());
    changes.length = 0;
    await wakeUp(options());
    expect(states()).toEqual(UP);
    expect(new Set(changes.slice(0, 2))).toEqual(new Set(['start machine', 'start database']));
    expect(changes.slice(2)).toEqual([
      'enable rtm-hobby-producer',
      'enable rtm-hobby-consumer',
      'resume rtm-hobby-reconciliation-schedule',
    ]);
  });

  it('wake during an unfinished sleep waits for its end', async () => {
    world = { ...structuredClone(AWAKE), machine: 'stopping', database: 'stopping' };
    world.mappings['rtm-hobby-consumer'] = 'Disabling';
    await wakeUp(options());
    expect(states()).toEqual(UP);
  });

  it('wake of a stage that is awake starts nothing', async () => {
    await wakeUp(options());
    expect(changes.filter((change) => change.startsWith('start'))).toEqual([]);
    expect(states()).toEqual(UP);
  });
});
