/**
 * What the host needs to know of a system, wide enough for test fixtures. `infra/system.ts` is one such description.
 */

import * as retailTimeMachine from '../system.ts';
import type { SystemDescription as DescribedSystem, FunctionDefinition } from '../system-description.ts';
import type { EventPattern } from './event-sources/filter-pattern.ts';

/** A function as the host runs it. `entry` is relative to the root folder of the system. */
export type HostedFunction = Pick<
  FunctionDefinition,
  | 'entry'
  | 'memoryMb'
  | 'timeoutSeconds'
  | 'uses'
  | 'invocation'
  | 'reservedConcurrency'
  | 'localWorkers'
  | 'startWarm'
  | 'environment'
>;

export interface StreamSource {
  readonly function: string;
  readonly batchSize: number;
  readonly filters: readonly EventPattern[];
}

export interface TopicSource {
  readonly function: string;
  readonly consumerGroup: string;
  readonly batchSize: number;
}

export interface Schedule {
  readonly function: string;
  readonly everyMinutes: number;
}

export type HostedRoute = DescribedSystem['httpRoutes'][number];

export interface SystemDescription
  extends Pick<DescribedSystem, 'httpRoutes' | 'defaultRoute' | 'functionUrl' | 'table'> {
  readonly functions: Readonly<Record<string, HostedFunction>>;
  readonly topic: { readonly partitions: number; readonly retentionHours: number };
  readonly eventSources: {
    readonly stream: StreamSource;
    readonly topic: TopicSource;
    readonly schedules: readonly Schedule[];
  };
}

/** The system that `infra/system.ts` describes and AWS runs. */
export const deployedSystem: SystemDescription = retailTimeMachine;
