/**
 * What the stacks need to know of a system, wide enough for a test that takes something out of it. `infra/system.ts` is the
 * description that is deployed.
 */
import type { FunctionDefinition } from '../system.ts';
import * as retailTimeMachine from '../system.ts';
import type { SystemShape } from '../system-shape.ts';

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

export interface SystemDescription extends SystemShape {
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  readonly topic: { readonly name: string; readonly partitions: number; readonly retentionHours: number };
  /** Any part may be missing in a test's description; nothing is then invoked by it. */
  readonly eventSources: Partial<EventSources>;
}

/** The system that `infra/system.ts` describes. */
export const deployedSystem: SystemDescription = retailTimeMachine;

/** @throws Error if the description names a function that it doesn't define. */
export function definitionOf(system: SystemDescription, name: string): FunctionDefinition {
  const definition = system.functions[name];
  if (!definition) throw new Error(`infra/system.ts names the function "${name}" but doesn't define it.`);
  return definition;
}
