import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessMetrics } from '../../metrics/process-metrics.ts';
import type { PoolOptions } from '../../runtime/buffered-pool.ts';
import { memoryLog } from './memory-log.ts';

/** URL of a fixture function's module. */
export function fixtureUrl(name: 'buffered' | 'streaming' | 'broken-import'): string {
  return new URL(`./fixtures/${name}.ts`, import.meta.url).href;
}

/** Options of a pool of one worker that runs a fixture function. */
export function poolOptions(
  fixture: Parameters<typeof fixtureUrl>[0],
  options: Partial<PoolOptions> = {},
): PoolOptions {
  return {
    functionName: 'fixture',
    entry: fixtureUrl(fixture),
    memoryMb: 128,
    region: 'eu-central-1',
    environment: { GREETING: 'hello' },
    keepWarm: false,
    compileCache: join(tmpdir(), 'lambda-host-compile-cache'),
    workers: 1,
    timeoutSeconds: 300,
    log: memoryLog(),
    metrics: createProcessMetrics({ prefix: '', definitions: {} }),
    ...options,
  };
}
