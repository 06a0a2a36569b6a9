import { deepStrictEqual } from 'node:assert';
import { Readable } from 'node:stream';
import { CSV_HEADER, csvLine } from '../../data/generate.ts';
import { generateRows } from '../../data/generator/rows.ts';
import { type CheckedDataset, checkDataset } from '../../shared/dataset/check-dataset.ts';
import type { TableRow } from '../../shared/dataset/columns.ts';
import { type Dataset, dataset } from '../../shared/dataset/open-dataset.ts';

/** A data set from text; with several texts each read returns the next, like a file that changes while it is read. */
export function datasetOf(...versions: [string, ...string[]]): Dataset {
  const remaining = [...versions];
  const last = versions.at(-1) ?? '';
  return dataset('test.csv', async () => Readable.from([Buffer.from(remaining.shift() ?? last)]));
}

/** Lines of a data set, header first, of the first days of a seed. */
export function datasetLines(days: number, seed = 1): string[] {
  const lines = [CSV_HEADER];
  for (const row of generateRows(seed)) {
    if (lines.length > days * 100) break;
    lines.push(csvLine(row));
  }
  return lines;
}

/** A data set's text with one field of one line (1 is the header) replaced. */
export function withField(lines: readonly string[], line: number, column: number, value: string): string {
  const fields = (lines[line - 1] ?? '').split(',').with(column, value);
  return textOf(lines.with(line - 1, fields.join(',')));
}

export function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** A data set's rows, and what was found out about it. */
export interface ReadDataset {
  readonly rows: readonly TableRow[];
  readonly checked: CheckedDataset;
}

/**
 * Reads a data set in both ways: with rows passed on while it is surveyed, and after the survey.
 *
 * @throws the error of the second way, or AssertionError unless both have the same outcome.
 */
export async function readBothWays(source: Dataset): Promise<ReadDataset> {
  const rows: TableRow[] = [];
  const early = await outcomeOf(async () => {
    const startOver = async () => void rows.splice(0);
    return checkDataset(inPieces(source), async (batch) => void rows.push(...batch), startOver);
  });
  const later: TableRow[] = [];
  const late = await outcomeOf(() => checkDataset(source, async (batch) => void later.push(...batch)));
  deepStrictEqual(early, late);
  if ('error' in late) throw late.error;
  deepStrictEqual(rows, later);
  return { rows, checked: late.result };
}

/** Small enough that a file of some thousand lines has many batches. */
const PIECE_BYTES = 20_000;

function inPieces(source: Dataset): Dataset {
  return {
    ...source,
    async *read() {
      for await (const chunk of source.read()) {
        for (let start = 0; start < chunk.length; start += PIECE_BYTES)
          yield chunk.subarray(start, start + PIECE_BYTES);
      }
    },
  };
}

async function outcomeOf<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result } | { error: unknown }> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error };
  }
}
