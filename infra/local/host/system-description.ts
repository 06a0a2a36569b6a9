/**
 * What the host needs to know of a system, wide enough for test fixtures. `infra/system.ts` is one such description.
 */
import type { RouteDeclaration } from '../../../shared/http/route.ts';
import type { Capability, FunctionDefinition } from '../../system.ts';
import * as retailTimeMachine from '../../system.ts';
import type { EventPattern } from '../event-sources/filter-pattern.ts';

/** A function as the host runs it. `entry` is relative to the root folder of the system. */
export type HostedFunction = Pick<
  FunctionDefinition,
  | 'memoryMb'
  | 'timeoutSeconds'
  | 'uses'
  | 'invocation'
  | 'reservedConcurrency'
  | 'localWorkers'
  | 'startWarm'
  | 'environment'
> & { readonly entry: string };

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

export type HostedRoute = {
  readonly route: Pick<RouteDeclaration, 'method' | 'path'>;
  readonly function: string;
};

export interface SystemDescription {
  readonly functions: Readonly<Record<string, HostedFunction>>;
  readonly httpRoutes: readonly HostedRoute[];
  readonly defaultRoute: string;
  readonly functionUrl: { readonly function: string; readonly pathPrefixes: readonly string[] };
  readonly table: {
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly timeToLive: string;
    readonly stream: 'NEW_AND_OLD_IMAGES';
  };
  readonly topic: { readonly partitions: number; readonly retentionHours: number };
  readonly eventSources: {
    readonly stream: StreamSource;
    readonly topic: TopicSource;
    readonly schedules: readonly Schedule[];
  };
}

/** The system that `infra/system.ts` describes and AWS runs. */
export const deployedSystem: SystemDescription = retailTimeMachine;

export type { Capability };
