/**
 * Puts a stage with a broker of its own to sleep and wakes it: stops and starts its machine and database, after what uses them has
 * been paused, and before it is resumed. Both can be repeated, so an interrupted one is completed by the next.
 */
import { setTimeout } from 'node:timers/promises';
import {
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import type { EventSources } from '../system-description.ts';
import type { ClientTarget } from './preflight/target.ts';
import type { Stage } from './stage.ts';
import { stageName } from './system-stack.ts';

export interface SleepOptions {
  readonly stage: Stage;
  readonly eventSources: Partial<EventSources>;
  readonly target: ClientTarget;
  readonly say: (line: string) => void;
  /** Between two looks at what takes minutes. */
  readonly pauseMs?: number;
  /** How long one step may take in all. */
  readonly timeoutMs?: number;
}

const PAUSE_MS = 10_000;
/** Starting a database takes ten minutes at most. */
const TIMEOUT_MS = 1_800_000;

/** @throws Error naming the step that didn't end in time, or AWS's own error. */
export async function putToSleep(options: SleepOptions): Promise<void> {
  const { say } = options;
  await setSchedules(options, false);
  await setEventSources(options, false);
  await stopMachine(options);
  await stopDatabase(options);
  say(
    `${options.stage.name} sleeps. After seven days AWS starts its database again: run the command again then.`,
  );
}

/** @throws Error naming the step that didn't end in time, or AWS's own error. */
export async function wakeUp(options: SleepOptions): Promise<void> {
  await Promise.all([startMachine(options), startDatabase(options)]);
  await setEventSources(options, true);
  await setSchedules(options, true);
  options.say(`${options.stage.name} is awake. What was accepted meanwhile is being published and stored.`);
}

async function setSchedules({ stage, target, say }: SleepOptions, enabled: boolean): Promise<void> {
  const client = new EventBridgeClient(target);
  const { Rules = [] } = await client.send(new ListRulesCommand({ NamePrefix: stageName(stage, '') }));
  for (const { Name, ScheduleExpression } of Rules) {
    // The rule that starts the ETL is no schedule: without a database the ETL fails and is retried.
    if (Name === undefined || ScheduleExpression === undefined) continue;
    await client.send(enabled ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
    say(`${enabled ? 'Resumed' : 'Paused'} the schedule ${Name}.`);
  }
}

async function setEventSources(options: SleepOptions, enabled: boolean): Promise<void> {
  const { stream, topic } = options.eventSources;
  for (const source of [stream, topic]) if (source) await setEventSource(options, source.function, enabled);
}

async function setEventSource(options: SleepOptions, functionName: string, enabled: boolean): Promise<void> {
  const { stage, target, say } = options;
  const client = new LambdaClient(target);
  const name = stageName(stage, functionName);
  const wanted = enabled ? 'Enabled' : 'Disabled';
  const read = async () => {
    const { EventSourceMappings = [] } = await client.send(
      new ListEventSourceMappingsCommand({ FunctionName: name }),
    );
    return EventSourceMappings;
  };
  for (const { UUID, State } of await read()) {
    // One that is changing refuses another change.
    if (State !== wanted)
      await until(
        options,
        `the event source of ${name} can be changed`,
        async () => !isChanging(await read()),
      );
    await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: enabled }));
  }
  await until(options, `the event source of ${name} is ${wanted.toLowerCase()}`, async () =>
    (await read()).every(({ State }) => State === wanted),
  );
  say(`${enabled ? 'Resumed' : 'Paused'} the event source of ${name}.`);
}

function isChanging(mappings: readonly { readonly State?: string | undefined }[]): boolean {
  return mappings.some(({ State = '' }) => /ing$/.test(State));
}

async function stopMachine(options: SleepOptions): Promise<void> {
  const client = new EC2Client(options.target);
  const running = await machines(options, client, ['pending', 'running']);
  if (running.length > 0) await client.send(new StopInstancesCommand({ InstanceIds: running }));
  await until(
    options,
    'the broker has stopped',
    async () => (await machines(options, client, ['pending', 'running', 'stopping'])).length === 0,
  );
  options.say('Stopped the broker.');
}

async function startMachine(options: SleepOptions): Promise<void> {
  const client = new EC2Client(options.target);
  await until(
    options,
    'the broker has stopped',
    async () => (await machines(options, client, ['stopping'])).length === 0,
  );
  const stopped = await machines(options, client, ['stopped']);
  if (stopped.length > 0) await client.send(new StartInstancesCommand({ InstanceIds: stopped }));
  await until(
    options,
    'the broker runs',
    async () => (await machines(options, client, ['running'])).length > 0,
  );
  options.say('Started the broker.');
}

/** The ids of the stage's machines in one of the states. */
async function machines(
  { stage, target: _ }: SleepOptions,
  client: EC2Client,
  states: string[],
): Promise<string[]> {
  const { Reservations = [] } = await client.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'tag:Name', Values: [stageName(stage, 'kafka')] },
        { Name: 'instance-state-name', Values: states },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(
    ({ InstanceId }) => InstanceId ?? [],
  );
}

async function stopDatabase(options: SleepOptions): Promise<void> {
  const client = new RDSClient(options.target);
  const DBInstanceIdentifier = stageName(options.stage, 'mysql');
  // RDS stops an instance only while it is available, and not during a backup.
  await until(options, 'the database can be stopped', async () =>
    ['available', 'stopping', 'stopped'].includes(await databaseStatus(options, client)),
  );
  if ((await databaseStatus(options, client)) === 'available') {
    await client.send(new StopDBInstanceCommand({ DBInstanceIdentifier }));
  }
  await until(
    options,
    'the database has stopped',
    async () => (await databaseStatus(options, client)) === 'stopped',
  );
  options.say('Stopped the database.');
}

async function startDatabase(options: SleepOptions): Promise<void> {
  const client = new RDSClient(options.target);
  const DBInstanceIdentifier = stageName(options.stage, 'mysql');
  await until(
    options,
    'the database has stopped',
    async () => (await databaseStatus(options, client)) !== 'stopping',
  );
  if ((await databaseStatus(options, client)) === 'stopped') {
    await client.send(new StartDBInstanceCommand({ DBInstanceIdentifier }));
  }
  await until(
    options,
    'the database is available',
    async () => (await databaseStatus(options, client)) === 'available',
  );
  options.say('Started the database.');
}

async function databaseStatus({ stage }: SleepOptions, client: RDSClient): Promise<string> {
  const { DBInstances = [] } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: stageName(stage, 'mysql') }),
  );
  return DBInstances[0]?.DBInstanceStatus ?? 'unknown';
}

/** @throws Error naming what didn't happen in time. */
async function until(
  { pauseMs = PAUSE_MS, timeoutMs = TIMEOUT_MS }: SleepOptions,
  what: string,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) {
      throw new Error(
        `Waited ${Math.round(timeoutMs / 1000)} s in vain until ${what}. Run the command again.`,
      );
    }
    await setTimeout(pauseMs);
  }
}
