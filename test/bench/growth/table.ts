/** The table of growth in `docs/performance.md`: a column for each size that was measured. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const DOCUMENT = path.join(import.meta.dirname, '../../../docs/performance.md');
const BEGIN = '<!-- growth:begin, written by npm run rtm -- bench:growth -->';
const END = '<!-- growth:end -->';
/** For a figure that a size lacks. */
const NONE = '–';

/** The figures of a size: row of the table → cell. */
export type Column = ReadonlyMap<string, string>;

/** @param columns By the name of their size. */
export function tableOf(columns: ReadonlyMap<string, Column>): string {
  const rows = [...new Set([...columns.values()].flatMap((column) => [...column.keys()]))];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...columns.keys()]),
    line(['---', ...[...columns.keys()].map(() => '---')]),
    ...rows.map((row) => line([row, ...[...columns.values()].map((column) => column.get(row) ?? NONE)])),
  ].join('\n');
}

/** Reads what {@link tableOf} wrote. */
export function columnsOf(table: string): Map<string, Column> {
  const [header = [], , ...rows] = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(
    header.slice(1).map((name, index) => {
      const cells = rows.map((row): [string, string] => [row[0] ?? '', row[index + 1] ?? NONE]);
      return [name, new Map(cells.filter(([, cell]) => cell !== NONE))];
    }),
  );
}

/**
 * Writes measured sizes into the document, in the place of their previous columns; those of other sizes stay.
 *
 * @param order The names of all sizes, in the order of their columns.
 */
export async function writeColumns(
  measured: ReadonlyMap<string, Column>,
  order: readonly string[],
): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The document has no lines "${BEGIN}" and "${END}".`);
  const columns = new Map([...columnsOf(document.slice(begin, end)), ...measured]);
  const ordered = order.flatMap((name): [string, Column][] => {
    const column = columns.get(name);
    return column ? [[name, column]] : [];
  });
  const before = document.slice(0, begin + BEGIN.length);
  await writeFile(DOCUMENT, `${before}\n\n${tableOf(new Map(ordered))}\n\n${document.slice(end)}`);
}
