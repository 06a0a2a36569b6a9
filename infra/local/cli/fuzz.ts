/** `npm run rtm -- fuzz`: lets schemathesis send the running host whatever its OpenAPI document says, and what it doesn't. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requirePythonProgram } from '../../python-program.ts';
import { requireServing } from '../instance.ts';
import { runProgram } from '../servers/command.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';
import { UsageError } from './command.ts';

const PROGRAM = { name: 'schemathesis', version: '4.32.5' } as const;
const PROJECT = join(import.meta.dirname, '../../..');
/** Holds what schemathesis is given, and what it leaves behind. */
const FOLDER = join(PROJECT, '.local/fuzz');
const BASE_CONFIGURATION = join(PROJECT, 'shared/api/openapi/schemathesis.toml');
const CONFIGURATION = join(FOLDER, 'schemathesis.toml');
/** Resolved by schemathesis itself from its environment: every user of a machine sees command lines. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: as schemathesis has it
const AUTHORIZATION = '[headers]\nAuthorization = "Bearer ${API_TOKEN}"\n';
const DOCUMENT = join(FOLDER, 'openapi.json');

const USAGE = `Usage: npm run rtm -- fuzz [--url <address>] [--examples <n>] [--seed <n>]

Sends requests made from the OpenAPI document to the host that runs in this clone, and says where an answer differs from
the document. Needs Python 3.10 or later. The requests click, reset and register other dates: afterwards restart the host,
which registers the dates of its data set again. A token is taken from API_TOKEN.

  --url <address>   another host, such as http://localhost:8000
  --examples <n>    requests of each kind for each operation (default: 30)
  --seed <n>        other requests (default: 1)`;

try {
  process.exitCode = await fuzz(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

interface FuzzOptions {
  readonly url: string;
  readonly examples: string;
  readonly seed: string;
}

function parseOptions(args: string[]): FuzzOptions {
  const values = readOptions(args);
  if (![values.examples, values.seed].every((text) => /^\d+$/.test(text))) throw new UsageError(USAGE);
  return { ...values, url: values.url ?? new URL(requireServing().url).origin };
}

function readOptions(args: string[]) {
  const options = {
    url: { type: 'string' },
    examples: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(USAGE, { cause: error });
  }
}

/** @returns schemathesis' own exit code: 0 if it has found nothing. */
async function fuzz({ url, examples, seed }: FuzzOptions): Promise<number> {
  await mkdir(FOLDER, { recursive: true });
  const token = process.env.API_TOKEN;
  const document = await fetchDocument(url);
  await writeFile(DOCUMENT, token ? document : withoutSecurity(document));
  await writeFile(
    CONFIGURATION,
    (await readFile(BASE_CONFIGURATION, 'utf8')) + (token ? `\n${AUTHORIZATION}` : ''),
  );
  const schemathesis = await requirePythonProgram(PROGRAM, console.log);
  const args = ['--config-file', CONFIGURATION, 'run', DOCUMENT, '--url', url, '--max-examples', examples];
  const more = [
    '--seed',
    seed,
    '--request-timeout',
    '15',
    '--warnings',
    'off',
    '--generation-database',
    'none',
  ];
  const { ok } = await runProgram(schemathesis, [...args, ...more], {
    cwd: FOLDER,
    onLine: (line) => console.log(line),
  });
  return ok ? 0 : 1;
}

/** A host without a token asks for none, whatever the document says of those that have one. */
function withoutSecurity(document: string): string {
  return JSON.stringify(JSON.parse(document), (key, value) => (key === 'security' ? undefined : value));
}

async function fetchDocument(url: string): Promise<string> {
  try {
    const response = await fetch(new URL('/openapi.json', url));
    if (response.ok) return await response.text();
    throw new Error(`it answers ${response.status}`);
  } catch (error) {
    throw new SetupError(`${url} has no /openapi.json (${messageOf(error)}): run npm start first.`, {
      cause: error,
    });
  }
}
