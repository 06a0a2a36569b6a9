import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { EventBridgeEvent } from 'aws-lambda';
import type { SystemNames } from '../../local/environment.ts';
import type { ServerAddresses } from '../../local/servers/addresses.ts';
import type { HostLog } from '../log.ts';
import type { InvocationResult } from '../runtime/invocation-result.ts';
import { LOCAL_ACCOUNT_ID } from '../runtime/lambda-context.ts';
import type { Schedule, SystemDescription } from '../system-description.ts';
import { startStreamSource } from './dynamodb-stream.ts';
import { startKafkaSource } from './kafka.ts';

/** Something that invokes a function by itself. */
export interface EventSource {
  /** Ends it in order: takes nothing more, and resolves when what is under way is finished and its position kept. */
  stop(): Promise<void>;
}

/** Invokes the source's function with an event (JSON). Never rejects. */
export type Invoke = (event: string) => Promise<InvocationResult>;

export interface EventSourcesOptions {
  readonly system: SystemDescription;
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  readonly stateDirectory: string;
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly invoke: (name: string, event: string) => ReturnType<Invoke>;
  readonly invokeAsync: (name: string, event: string) => void;
  /** The topic's function has done its work: what it wrote is what viewers wait for. */
  readonly onTopicTaken: () => void;
  readonly log: HostLog;
}

export interface RunningEventSources extends EventSource {
  /** The table was probably just written to. */
  nudge(): void;
}

/** Starts all that invokes functions by itself. */
export function startEventSources(options: EventSourcesOptions): RunningEventSources {
  const { system, addresses, names, invoke, invokeAsync, log } = options;
  const { region } = addresses;
  const { stream, topic, schedules } = system.eventSources;
  const table = startStreamSource({
    source: stream,
    table: names.table,
    region,
    client: options.dynamodb,
    streams: options.streams,
    checkpointPath: join(options.stateDirectory, `stream-${names.table}.json`),
    invoke: (event) => invoke(stream.function, event),
    log,
  });
  const kafka = startKafkaSource({
    source: topic,
    topic: names.topic,
    consumerGroup: names.consumerGroup,
    brokers: addresses.kafkaBrokers,
    region,
    async invoke(event) {
      const result = await invoke(topic.function, event);
      options.onTopicTaken();
      return result;
    },
    log,
  });
  const rules = schedules.map((schedule) => startSchedule({ schedule, region, invokeAsync }));
  return {
    nudge: () => table.nudge(),
    async stop() {
      await Promise.all([table, kafka, ...rules].map((source) => source.stop()));
    },
  };
}

export interface ScheduleOptions {
  readonly schedule: Schedule;
  readonly region: string;
  /** Invokes without waiting for an answer. */
  readonly invokeAsync: (name: string, event: string) => void;
}

/** Invokes a function at once and then again and again, as a rule of EventBridge does. */
export function startSchedule({ schedule, region, invokeAsync }: ScheduleOptions): EventSource {
  const fire = () => {
    const event = scheduledEvent(schedule.function, region, new Date());
    invokeAsync(schedule.function, JSON.stringify(event));
  };
  fire();
  const timer = setInterval(fire, schedule.everyMinutes * 60_000);
  return { stop: async () => clearInterval(timer) };
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html */
function scheduledEvent(
  rule: string,
  region: string,
  time: Date,
): EventBridgeEvent<'Scheduled Event', Record<string, never>> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT_ID,
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:events:${region}:${LOCAL_ACCOUNT_ID}:rule/${rule}`],
    detail: {},
  };
}
