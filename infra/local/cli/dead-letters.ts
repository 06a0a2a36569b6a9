/** `npm run dead-letters`: lists messages that could not be parsed, and sends them again. */
import { parseArgs } from 'node:util';
import { UsageError } from '../../command-line.ts';
import { SetupError } from '../servers/setup-error.ts';
import {
  type KeptDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  type Selection,
} from '../stores/dead-letters.ts';
import { type CommandStores, runOnStores } from './command.ts';

const USAGE = `Usage: npm run dead-letters -- list
       npm run dead-letters -- replay [--id <n>] [--value <json>]

  list             unreplayed messages, oldest first, with the reason why each could not be parsed
  replay           sends them to their topic again, for instance after a bug has been fixed
    --id <n>       only this message, even if it was replayed before
    --value <json> replaces the message's value; needs --id`;

const AT_ONCE = 1_000;
const SHOWN_CHARACTERS = 500;

await runOnStores(async (stores) => {
  const { action, selection, value } = parseCommand(process.argv.slice(2));
  if (action === 'list') await list(stores);
  else await replay(stores, selection, value);
});

interface Command {
  readonly action: 'list' | 'replay';
  readonly selection: Selection;
  readonly value?: string;
}

function parseCommand(args: string[]): Command {
  const { positionals, values } = readArguments(args);
  const [action, ...others] = positionals;
  if ((action !== 'list' && action !== 'replay') || others.length > 0) throw new UsageError(USAGE);
  if (values.id === undefined) {
    if (values.value !== undefined) throw new UsageError(`--value needs --id.\n${USAGE}`);
    return { action, selection: 'waiting' };
  }
  const id = Number(values.id);
  if (!Number.isSafeInteger(id) || id < 1)
    throw new UsageError(`--id must be the number of a message.\n${USAGE}`);
  return { action, selection: { id }, ...(values.value === undefined ? {} : { value: values.value }) };
}

function readArguments(args: string[]) {
  try {
    const options = { id: { type: 'string' }, value: { type: 'string' } } as const;
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(USAGE, { cause: error });
  }
}

async function list({ pool }: CommandStores): Promise<void> {
  const letters = await listDeadLetters(pool, 'waiting', AT_ONCE);
  for (const letter of letters) console.log(describe(letter));
  console.log(
    letters.length === 0
      ? 'No messages are waiting.'
      : `${letters.length} wait. Replay: npm run dead-letters -- replay`,
  );
}

function describe({ id, topic, partition, offset, receivedAt, reason, key, value }: KeptDeadLetter): string {
  const text = (bytes: Buffer | null) => bytes?.toString('utf8').slice(0, SHOWN_CHARACTERS) ?? '(none)';
  const place = `${topic}-${partition} at ${offset}, ${receivedAt} UTC`;
  return `${id}  ${place}\n    reason: ${reason}\n    key:    ${text(key)}\n    value:  ${text(value)}`;
}

async function replay(
  { pool, producer }: CommandStores,
  selection: Selection,
  value?: string,
): Promise<void> {
  const letters = await listDeadLetters(pool, selection, AT_ONCE);
  if (letters.length === 0 && selection !== 'waiting')
    throw new SetupError(`There is no message ${selection.id}: see npm run dead-letters -- list.`);
  for (const letter of letters) {
    await replayDeadLetter(pool, producer, letter, value);
    console.log(`${letter.id} was sent to ${letter.topic} again.`);
  }
  console.log(
    `${letters.length} replayed. A message that still can't be parsed is listed again under a new number.`,
  );
}
