/** The types of a system's description. `infra/system.ts` is the one that is deployed; tests describe others. */
import type { RouteDeclaration } from '../shared/api/route.ts';
import type { Capability } from './capabilities.ts';

export interface FunctionDefinition {
  readonly description: string;
  /** The module of its handler, relative to the system's root. */
  readonly entry: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** What it may use. Its environment and, on AWS, its role follow from this alone. */
  readonly uses: readonly Capability[];
  /** `vpc`: beside MySQL and Kafka. `public`: function URLs can't stream from within a VPC. */
  readonly network: 'vpc' | 'public';
  /** `stream`: responds through `awslambda.streamifyResponse` behind a function URL. */
  readonly invocation: 'buffered' | 'stream';
  /** Guaranteed and maximum number of environments on AWS: viewers can't starve the pipeline, nor writers MySQL. */
  readonly reservedConcurrency?: number;
  /** Workers of the local host. Each takes one invocation at a time, a streaming one many. */
  readonly localWorkers: number;
  /** Megabytes for young objects of each such worker, if it needs more than the host's default. */
  readonly localYoungMb?: number;
  /** Started with the local host instead of by its first invocation. */
  readonly startWarm: boolean;
  /** Settings of this function alone, besides those of its capabilities. */
  readonly environment: Readonly<Record<string, string>>;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export interface EventSources {
  readonly stream: {
    readonly function: string;
    readonly batchSize: number;
    readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
    /** Patterns in EventBridge's language; a record that matches none isn't delivered. */
    readonly filters: readonly JsonValue[];
  };
  readonly topic: {
    readonly function: string;
    readonly consumerGroup: string;
    readonly batchSize: number;
    readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  };
  readonly schedules: readonly { readonly function: string; readonly everyMinutes: number }[];
}

/** Functions are referred to by their names in `functions`. */
export interface SystemDescription {
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  readonly httpRoutes: readonly {
    readonly route: Pick<RouteDeclaration, 'method' | 'path'>;
    readonly function: string;
  }[];
  readonly defaultRoute: string;
  readonly functionUrl: { readonly function: string; readonly pathPrefixes: readonly string[] };
  readonly table: {
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly timeToLive: string;
    readonly stream: 'NEW_AND_OLD_IMAGES';
  };
  readonly topic: { readonly name: string; readonly partitions: number; readonly retentionHours: number };
  /** Nothing is invoked by a source that is missing. */
  readonly eventSources: Partial<EventSources>;
}

/** @throws Error if the description refers to a function that it doesn't define. */
export function definitionOf(system: SystemDescription, name: string): FunctionDefinition {
  const definition = system.functions[name];
  if (!definition) throw new Error(`infra/system.ts refers to the function "${name}" but doesn't define it.`);
  return definition;
}
