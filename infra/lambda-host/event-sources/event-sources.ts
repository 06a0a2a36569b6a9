import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventBridgeEvent } from 'aws-lambda';
import type { LambdaHostOptions } from '../options.ts';
import type { Schedule } from '../system.ts';
import { LOCAL_ACCOUNT_ID } from '../system.ts';
import { startStreamSource } from './dynamodb-stream.ts';
import type { EventSource, Invoke } from './event-source.ts';
import { startKafkaSource } from './kafka.ts';

export interface EventSourcesOptions extends LambdaHostOptions {
  readonly invoke: (name: string, event: string) => ReturnType<Invoke>;
  /** Invokes without waiting for an answer. */
  readonly invokeAsync: (name: string, event: string) => void;
}

export interface RunningEventSources extends EventSource {
  /** A table was probably just written to: polls its stream now. */
  wake(): void;
}

/** Starts every event source of the system. */
export function startEventSources(options: EventSourcesOptions): RunningEventSources {
  const { system, region, stateDirectory, dynamodb, dynamodbStreams, invoke, log } = options;
  const streams = system.streams.map((source) =>
    startStreamSource({
      ...source,
      region,
      dynamodb,
      dynamodbStreams,
      checkpointPath: join(stateDirectory, `stream-${source.table}.json`),
      invoke: (event) => invoke(source.function, event),
      log,
    }),
  );
  const topics = system.topics.map((source) =>
    startKafkaSource({
      ...source,
      region,
      kafka: options.kafka,
      brokers: options.kafkaBrokers,
      async invoke(event) {
        const result = await invoke(source.function, event);
        options.onDataWritten?.();
        return result;
      },
      log,
    }),
  );
  const schedules = system.schedules.map((schedule) =>
    startSchedule({ schedule, region, invokeAsync: options.invokeAsync }),
  );
  return {
    wake: () => {
      for (const stream of streams) stream.wake();
    },
    async stop() {
      await Promise.all([...streams, ...topics, ...schedules].map((source) => source.stop()));
    },
  };
}

interface ScheduleOptions {
  readonly schedule: Schedule;
  readonly region: string;
  /** Invokes without waiting for an answer. */
  readonly invokeAsync: (name: string, event: string) => void;
}

/** Invokes a function immediately and then at a fixed rate, as a rule of EventBridge does. */
function startSchedule({ schedule, region, invokeAsync }: ScheduleOptions): EventSource {
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
