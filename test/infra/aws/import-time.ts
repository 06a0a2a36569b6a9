/** Measures the start of a function: the processor time of importing its module in a separate process. */
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);

const result = z.object({ handler: z.string(), milliseconds: z.number() });

/** Lambda defines its global before it imports the module. */
const SCRIPT = `
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
const before = process.cpuUsage();
const module = await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ handler: typeof module.handler, milliseconds: (user + system) / 1000 }));
process.exit(0);
`;

/**
 * Imports a module once with nothing but the given environment.
 *
 * @returns What its export `handler` is, and the processor time of the import in milliseconds.
 * @throws Error with what the module wrote if it can't be imported.
 */
export async function importOnce(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<z.infer<typeof result>> {
  const script = ['--input-type=module', '--eval', SCRIPT, pathToFileURL(file).href];
  const { stdout } = await run(process.execPath, script, { env: { ...environment } });
  return result.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** The minimum of several imports, because other load on the machine only adds to the time. */
export async function importTime(
  file: string,
  environment: Readonly<Record<string, string>>,
  times: number,
): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time += 1) {
    measured.push((await importOnce(file, environment)).milliseconds);
  }
  return Math.min(...measured);
}
