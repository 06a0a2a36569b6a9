import { Readable } from 'node:stream';
import { CSV_HEADER, csvLine } from '../../data/generate.ts';
import { generateRows } from '../../data/generator/rows.ts';
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
