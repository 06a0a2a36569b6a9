/** `npm run dataset`: what a file contains, and how M5's files become one. Starts nothing. */
import { parseArgs } from 'node:util';
import { runCommand, say, UsageError } from '../../command-line.ts';
import { DATASET_OPTIONS, DATASET_OPTIONS_HELP, readDatasetSettings } from '../dataset.ts';
import { checkFile, describeDataset } from '../describe-dataset.ts';
import { convertM5 } from '../m5/convert.ts';

const USAGE = `Usage: npm run dataset -- check <file> [options]
       npm run dataset -- convert-m5 <folder> --output <csv> [--store <id>] [--last <days>]

check reads a data set and prints what was understood, or every problem. Nothing is started or stored.

${DATASET_OPTIONS_HELP}

convert-m5 makes one data set of M5's sales_train_*.csv, calendar.csv and sell_prices.csv, for --map m5.

  --output <csv>              the file to write
  --store <id>                only this store, such as CA_1 (repeat it for several)
  --last <days>               only the last days (default: all)`;

await runCommand(async () => {
  const { values, positionals } = readArguments(process.argv.slice(2));
  const [command, path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new UsageError(USAGE);
  if (command === 'check') {
    const checked = await checkFile(path, await readDatasetSettings(values));
    for (const line of describeDataset(path, checked)) say(line);
    return;
  }
  if (command !== 'convert-m5' || values.output === undefined) throw new UsageError(USAGE);
  const days = values.last === undefined ? Number.POSITIVE_INFINITY : Number(values.last);
  if (!(days >= 1)) throw new UsageError(USAGE);
  const { rows, skipped } = await convertM5({
    folder: path,
    output: values.output,
    stores: new Set(values.store ?? []),
    days,
  });
  say(
    `${values.output} has ${rows.toLocaleString('en')} rows; ${skipped.toLocaleString('en')} days before a product's first price were left out.`,
  );
  say(`Look at it with npm run dataset -- check ${values.output} --map m5`);
});

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...DATASET_OPTIONS,
        output: { type: 'string' },
        store: { type: 'string', multiple: true },
        last: { type: 'string' },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? `${error.message}\n` : '';
    throw new UsageError(`${reason}${USAGE}`, { cause: error });
  }
}
