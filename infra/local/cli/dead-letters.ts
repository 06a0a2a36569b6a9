/** `npm run dead-letters`: lists messages that could not be parsed or decoded, sends them again, or dismisses them. */
import { parseArgs } from 'node:util';
import { UsageError } from '../../command-line.ts';
import { SetupError } from '../servers/setup-error.ts';
import {
  countUndecodable,
  dismissDeadLetters,
  type KeptDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  type Selection,
} from '../stores/dead-letters.ts';
import { type CommandStores, runOnStores } from './command.ts';

const USAGE = `Usage: npm run dead-letters -- list
       npm run dead-letters -- replay [--id <n>] [--value <json>]
       npm run dead-letters -- dismiss [--id <n>]

  list             messages that wait, oldest first, with the reason why each could not be parsed or decoded
  replay           sends them to their topic again, for instance after a bug has been fixed
    --id <n>       only this message, even if it was replayed before
    --value <json> replaces the message's value; needs --id. A message that could not be decoded needs it
  dismiss          takes note of the messages that could not be decoded: health is ok again
    --id <n>       only this message, whatever its reason`;

const actions = ['list', 'replay', 'dismiss'] as const;
type Action = (typeof actions)[number];

const AT_ONCE = 1_000;
const SHOWN_CHARACTERS = 500;

await runOnStores(async (stores) => {
  const { action, selection, value } = parseCommand(process.argv.slice(2));
  if (action === 'list') await list(stores);
  else if (action === 'replay') await replay(stores, selection, value);
  else await dismiss(stores, selection);
});

interface Command {
  readonly action: Action;
  readonly selection: Selection;
  readonly value?: string;
}

function parseCommand(args: string[]): Command {
  const { positionals, values } = readArguments(args);
  const [word, ...others] = positionals;
  const action = actions.find((one) => one === word);
  if (action === undefined || others.length > 0) throw new UsageError(USAGE);
  if (values.value !== undefined && action !== 'replay') throw new UsageError(USAGE);
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
      : `${letters.length} wait. Replay: npm run dead-letters -- replay. Undecodable ones: npm run dead-letters -- dismiss`,
  );
}

function describe({ id, topic, partition, offset, receivedAt, reason, ...letter }: KeptDeadLetter): string {
  const text = (bytes: Buffer | null) => bytes?.toString('utf8').slice(0, SHOWN_CHARACTERS) ?? '(none)';
  const key = text(letter.key);
  const value =
    letter.undecodable && letter.value ? `(the batch, ${letter.value.length} bytes)` : text(letter.value);
  const place = `${topic}-${partition} at ${offset}, ${receivedAt} UTC`;
  return `${id}  ${place}\n    reason: ${reason}\n    key:    ${key}\n    value:  ${value}`;
}

async function replay(
  { pool, producer }: CommandStores,
  selection: Selection,
  value?: string,
): Promise<void> {
  // Undecodable ones must not hide those behind them.
  const letters = await listDeadLetters(pool, selection === 'waiting' ? 'replayable' : selection, AT_ONCE);
  if (letters.length === 0 && selection !== 'waiting')
    throw new SetupError(`There is no message ${selection.id}: see npm run dead-letters -- list.`);
  const replayable = letters.filter(({ undecodable }) => undecodable === 0 || value !== undefined);
  if (replayable.length === 0 && selection !== 'waiting')
    throw new SetupError(
      `Message ${selection.id} could not be decoded: give its content with --value, or dismiss it.`,
    );
  for (const letter of replayable) {
    await replayDeadLetter(pool, producer, letter, value);
    console.log(`${letter.id} was sent to ${letter.topic} again.`);
  }
  const left = selection === 'waiting' ? await countUndecodable(pool) : 0;
  console.log(
    `${replayable.length} replayed. A message that still can't be parsed is listed again under a new number.` +
      (left === 0 ? '' : ` ${left} could not be decoded and still wait: npm run dead-letters -- dismiss`),
  );
}

async function dismiss({ pool }: CommandStores, selection: Selection): Promise<void> {
  const count = await dismissDeadLetters(pool, selection);
  if (count === 0 && selection !== 'waiting')
    throw new SetupError(`No message ${selection.id} is waiting: see npm run dead-letters -- list.`);
  console.log(`${count} dismissed.`);
}
