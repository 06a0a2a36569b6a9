import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { SystemNames } from '../local/environment.ts';
import type { ServerAddresses } from '../local/servers/addresses.ts';
import { startStreamSource } from './event-sources/dynamodb-stream.ts';
import type { EventSource, Invoke } from './event-sources/event-source.ts';
import { startKafkaSource } from './event-sources/kafka.ts';
import { startSchedule } from './event-sources/schedule.ts';
import type { HostLog } from './log.ts';
import type { SystemDescription } from './system-description.ts';

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
