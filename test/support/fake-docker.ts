/**
 * Answers as Docker's command does, as far as the start of the servers asks it: run by the script that `installFakeDocker`
 * writes. Its containers are ways to servers that run already. It shows what is asked of Docker, not what Docker does.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { openTcpProxy } from './tcp-proxy.ts';

const behaviour = z.object({
  /** Takes each call as a line of JSON. */
  calls: z.string(),
  engine: z.string(),
  compose: z.string(),
  /** What these calls say before they fail, by their word. */
  failures: z.record(z.string(), z.string()),
  /** Where the containers lead to, by the variable that holds the published port. */
  upstream: z.record(z.string(), z.int()),
});
export type FakeDockerBehaviour = z.infer<typeof behaviour>;

const [, , file = '', ...args] = process.argv;
const settings = behaviour.parse(JSON.parse(readFileSync(file, 'utf8')));
const variables = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /_PORT$|^MYSQL_PASSWORD$/.test(name)),
);
const word = args[0] === 'version' ? 'version' : wordOfCompose(args);
appendFileSync(settings.calls, `${JSON.stringify({ word, args, variables })}\n`);

const failure = settings.failures[word];
if (failure !== undefined) {
  process.stderr.write(`${failure}\n`);
  process.exit(1);
}
if (word === 'version') process.stdout.write(`${settings.engine}\n`);
if (word === 'compose version') process.stdout.write(`${settings.compose}\n`);
if (word === 'up') await serve();

/** The first word after the options that Compose takes before it. */
function wordOfCompose([, ...rest]: readonly string[]): string {
  if (rest[0] === 'version') return 'compose version';
  const index = rest.findIndex((each, place) => !each.startsWith('--') && !rest[place - 1]?.startsWith('--'));
  return rest[index] ?? '';
}

async function serve(): Promise<void> {
  for (const [name, port] of Object.entries(settings.upstream)) {
    await openTcpProxy('127.0.0.1', port, Number(process.env[name]));
  }
  process.on('SIGTERM', () => {
    appendFileSync(settings.calls, `${JSON.stringify({ word: 'SIGTERM', args: [], variables: {} })}\n`);
    process.exit(0);
  });
}
