/**
 * `npm run test:ric`: runs every bundle under AWS's own runtime client, each with the environment of its template, and plays a day on the
 * local servers, from the click to the stream. Then measures what a start of each costs. Exits with 1 if anything fails, or in one line if
 * the client can't be built here.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, SetupError } from '../../infra/local/servers/setup-error.ts';
import { runtimeClient } from './client.ts';
import { playOn } from './play.ts';
import { measureStarts } from './starts.ts';
import { openBundledSystem } from './system.ts';

const FOLDER = path.join(import.meta.dirname, '../../.local/ric');

const { values } = parseArgs({ options: { verbose: { type: 'boolean', default: false } } });
const say = (line: string) => console.log(line);

try {
  const client = await runtimeClient(say);
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const system = await openBundledSystem({ client, folder: FOLDER, say, verbose: values.verbose });
  try {
    await playOn(system, say);
    for (const line of await measureStarts(client, system.functionNames, system.functionOf)) say(line);
  } finally {
    await system.stop();
  }
} catch (error) {
  if (error instanceof SetupError) console.error(messageOf(error));
  else console.error(error);
  process.exitCode = 1;
}
