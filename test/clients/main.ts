/**
 * `npm run rtm -- test:clients`: receives the live stream with clients that aren't part of the test suite, because they aren't
 * on every machine: Python's httpx-sse and sseclient-py, curl, and Firefox. Exits with 1 if one of them receives an empty
 * message, or not every sale once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, runProgram } from '../../infra/local/servers/program.ts';
import { messageOf, SetupError } from '../../infra/local/servers/setup-error.ts';
import { bringDebianPackages } from '../support/debian-packages.ts';
import { requirePythonEnvironment } from '../support/python-program.ts';
import {
  type ClientMessage,
  faultsOf,
  messagesSchema,
  type QuietStream,
  serveQuietStream,
} from './quiet-stream.ts';

interface Client {
  readonly title: string;
  /** Returns what the client has received. @throws SetupError if this machine doesn't have it. */
  receive(stream: QuietStream): Promise<readonly ClientMessage[]>;
}

const LIMIT_MS = 120_000;
const BROUGHT_WITHIN_MS = 600_000;

const CLIENTS: readonly Client[] = [
  python('with_httpx_sse', ['httpx-sse==0.4.3', 'httpx==0.28.1']),
  python('with_sseclient_py', ['sseclient-py==1.9.0', 'requests==2.32.5']),
  { title: 'curl', receive: receiveWithCurl },
  { title: 'Firefox', receive: receiveWithFirefox },
];

let failures = 0;
for (const { title, receive } of CLIENTS) {
  const stream = await serveQuietStream();
  try {
    const messages = await receive(stream);
    const faults = faultsOf(messages, stream.saleIds);
    if (faults.length > 0) failures += 1;
    console.log(
      `${faults.length === 0 ? 'ok' : '!!'}  ${title}: ${faults.join('; ') || `${messages.length} messages`}`,
    );
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    failures += 1;
    console.log(`!!  ${title}: not tested. ${messageOf(error)}`);
  } finally {
    await stream.close();
  }
}
process.exitCode = failures === 0 ? 0 : 1;

/** A client of Python, as the script of its name uses it. */
function python(script: string, requirements: readonly string[]): Client {
  return {
    title: requirements[0] ?? script,
    receive: async ({ url }) => {
      const environment = await requirePythonEnvironment(script, requirements, console.log);
      const file = join(import.meta.dirname, `${script}.py`);
      const { output } = await run(join(environment, 'bin/python'), [file, `${url}/stream/events`]);
      return messagesSchema.parse(JSON.parse(output));
    },
  };
}

/** curl knows no messages: each block counts as one, so that none may be without data. */
async function receiveWithCurl({ url }: QuietStream): Promise<readonly ClientMessage[]> {
  const { output } = await run('curl', ['--silent', '--no-buffer', `${url}/stream/events`]);
  const blocks = output.split('\n\n').filter((block) => block.trim() !== '' && !/^(: ?.*\n?)+$/.test(block));
  return blocks.map((block) => ({
    event: fieldOf(block, 'event') ?? 'message',
    id: fieldOf(block, 'id') ?? '',
    data: fieldOf(block, 'data') ?? '',
  }));
}

function fieldOf(block: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
}

/** Opens the page of the stream without a window; the page reports what it has received. */
async function receiveWithFirefox({ url, reported }: QuietStream): Promise<readonly ClientMessage[]> {
  const { program, env } = await findFirefox();
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
  const ended = new AbortController();
  const browser = runProgram(program, ['--headless', '--no-remote', '--profile', profile, url], {
    env: { ...env, HOME: profile },
    signal: ended.signal,
  });
  try {
    const over = delay(LIMIT_MS, undefined, { signal: ended.signal }).then(() => {
      throw new SetupError(`Firefox reported nothing within ${LIMIT_MS / 1_000} s.`);
    });
    over.catch(() => {});
    const closed = browser.then(({ output }) => {
      throw new SetupError(`Firefox ended by itself: ${output.split('\n').slice(-3).join(' ')}`);
    });
    closed.catch(() => {});
    return await Promise.race([reported, over, closed]);
  } finally {
    ended.abort();
    await browser;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** An installed Firefox, otherwise the one of this Debian's packages. */
async function findFirefox(): Promise<{ program: string; env: Readonly<Record<string, string>> }> {
  const installed = findProgram('firefox') ?? findProgram('firefox-esr');
  if (installed !== null) return { program: installed, env: {} };
  const { folder, env } = await bringDebianPackages(
    'firefox',
    ['firefox-esr'],
    console.log,
    AbortSignal.timeout(BROUGHT_WITHIN_MS),
  );
  return { program: join(folder, 'usr/lib/firefox-esr/firefox-esr'), env };
}

/** @throws SetupError with the program's last lines if it fails. */
async function run(file: string, args: readonly string[]): Promise<{ readonly output: string }> {
  const result = await runProgram(file, args, { signal: AbortSignal.timeout(LIMIT_MS) });
  if (!result.ok) throw new SetupError(`${file} failed: ${result.output.split('\n').slice(-5).join(' ')}`);
  return result;
}
