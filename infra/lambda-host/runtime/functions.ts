/** All functions of a system, each with its own workers. */
import { pathToFileURL } from 'node:url';
import type { HostLog } from '../log.ts';
import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { HostedFunction } from '../system.ts';
import { type BufferedPool, openBufferedPool, type PoolOptions } from './buffered-pool.ts';
import type { InvocationResult } from './invocation-result.ts';
import type { StreamHandle, StreamSink } from './multiplexer.ts';
import { openStreamingPool, type StreamingPool } from './multiplexer.ts';

export interface Functions {
  has(name: string): boolean;
  /** Whether the function streams and so must be called by `stream` instead of `invoke`. */
  streams(name: string): boolean;
  /**
   * Invokes a buffered function with an event (JSON). A failure is part of the result.
   *
   * @param waitMs How long the invocation may wait for a free worker; unlimited by default.
   */
  invoke(name: string, event: string, waitMs?: number): Promise<InvocationResult>;
  /** Invokes a streaming function with an event (JSON); its response goes to the sink. */
  stream(name: string, event: string, sink: StreamSink): StreamHandle;
  /** Starts the workers of functions with `startWarm`. */
  warm(): void;
  /** {@link BufferedPool.hold} of a function. */
  hold(name: string, isHeld: boolean): void;
  /** {@link BufferedPool.crash} of a function. */
  crash(name: string): Promise<void>;
  /** Refuses new streams and lets functions end theirs; the host ends those left after `graceMs` milliseconds. */
  endStreams(graceMs: number): Promise<void>;
  /** Ends the workers. Running invocations have `graceMs` milliseconds to finish. */
  close(graceMs: number): Promise<void>;
}

export interface FunctionsOptions {
  readonly functions: Readonly<Record<string, HostedFunction>>;
  /** Folder that entries are relative to. */
  readonly root: string;
  readonly region: string;
  readonly environmentOf: (name: string) => Readonly<Record<string, string>>;
  readonly compileCache?: string | undefined;
  readonly log: HostLog;
  readonly metrics: Pick<ProcessMetrics, 'listen'>;
}

/** Opens the pools of all functions. No worker starts before `warm` or an invocation. */
export function openFunctions(options: FunctionsOptions): Functions {
  const definitions = new Map(Object.entries(options.functions));
  const buffered = new Map<string, BufferedPool>();
  const streaming = new Map<string, StreamingPool>();
  for (const [name, definition] of definitions) {
    const poolOptions = poolOptionsOf(name, definition, options);
    if (definition.invocation === 'stream') streaming.set(name, openStreamingPool(poolOptions));
    else buffered.set(name, openBufferedPool(poolOptions));
  }
  const all = [...buffered, ...streaming];

  return {
    has: (name) => buffered.has(name) || streaming.has(name),
    streams: (name) => streaming.has(name),
    invoke: (name, event, waitMs) => known(buffered, name).invoke(event, waitMs),
    stream: (name, event, sink) => known(streaming, name).open(event, sink),
    warm: () => {
      for (const [name, pool] of all) if (definitions.get(name)?.startWarm) pool.warm();
    },
    hold: (name, isHeld) => known(buffered, name).hold(isHeld),
    crash: (name) => known(buffered, name).crash(),
    async endStreams(graceMs) {
      await Promise.all([...streaming.values()].map((pool) => pool.close(graceMs)));
    },
    async close(graceMs) {
      await Promise.all(all.map(([, pool]) => pool.close(graceMs)));
    },
  };
}

function poolOptionsOf(name: string, definition: HostedFunction, options: FunctionsOptions): PoolOptions {
  const { root, region, environmentOf, compileCache, log, metrics } = options;
  return {
    functionName: name,
    entry: pathToFileURL(`${root}/${definition.entry}`).href,
    memoryMb: definition.memoryMb,
    region,
    environment: environmentOf(name),
    keepWarm: definition.startWarm,
    workers: definition.workers,
    timeoutSeconds: definition.timeoutSeconds,
    youngMb: definition.youngMb,
    ...(definition.idleSeconds === undefined ? {} : { idleSeconds: definition.idleSeconds }),
    compileCache,
    log,
    metrics,
  };
}

function known<Pool>(pools: ReadonlyMap<string, Pool>, name: string): Pool {
  const pool = pools.get(name);
  if (!pool) throw new Error(`The system has no function "${name}" of this kind.`);
  return pool;
}
