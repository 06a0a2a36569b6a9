import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessMetrics } from '../../metrics/process-metrics.ts';
import { type Functions, openFunctions } from '../../runtime/functions.ts';
import type { HostedFunction } from '../../system.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';

const COMPILE_CACHE = join(tmpdir(), 'lambda-host-compile-cache');

const base: Omit<HostedFunction, 'entry' | 'invocation'> = {
  memoryMb: 128,
  timeoutSeconds: 300,
  workers: 1,
  startWarm: false,
  writesTable: false,
};

/** `buffered`: answers `{statusCode, body: <the event>}` or follows the event; `streaming`: see the fixtures. */
export const fixtureDefinitions: Readonly<Record<'buffered' | 'streaming' | 'http', HostedFunction>> = {
  buffered: { ...base, entry: 'fixtures/buffered.ts', invocation: 'buffered' },
  http: { ...base, entry: 'fixtures/http.ts', invocation: 'buffered' },
  streaming: { ...base, entry: 'fixtures/streaming.ts', invocation: 'stream' },
};

/** Root folder of the entries. */
export const fixtureRoot = import.meta.dirname;

/** The fixture functions in workers of their own. */
export function fixtureFunctions(): { functions: Functions; log: MemoryLog } {
  const log = memoryLog();
  const functions = openFunctions({
    functions: fixtureDefinitions,
    root: fixtureRoot,
    region: 'eu-central-1',
    environmentOf: () => ({}),
    compileCache: COMPILE_CACHE,
    log,
    metrics: createProcessMetrics({ prefix: '', definitions: {} }),
  });
  return { functions, log };
}
