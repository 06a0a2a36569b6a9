/** The human-readable table, made from the results. */
import type { Bench } from './bench.ts';
import { type Figure, goalText } from './figure.ts';
import type { Results, RowResult } from './results.ts';

const BEGIN = '<!-- bench:begin, written by npm run bench -->';
const END = '<!-- bench:end -->';

/** Markdown: one heading per row, then its figures with goal and verdict. */
export function resultsTable({ machine, rows }: Results, benches: readonly Bench[]): string {
  const known = new Map(benches.map((bench) => [bench.row, bench]));
  const sections = rows.flatMap((row) => {
    const bench = known.get(row.row);
    return bench ? [sectionOf(row, bench)] : [];
  });
  return [
    `${machine.cores} cores of ${machine.processor}, Node ${machine.node}.`,
    '',
    ...sections.flat(),
  ].join('\n');
}

function sectionOf(row: RowResult, { what, figures }: Bench): string[] {
  const rounds = row.rounds === 1 ? '1 round' : `${row.rounds} rounds`;
  return [
    `**${row.row}**: ${what} (${rounds}, ${row.measuredAt.slice(0, 10)})`,
    '',
    '| figure | goal | measured | least – greatest | held |',
    '| --- | --- | --- | --- | --- |',
    ...row.figures.flatMap((result) => {
      const figure = figures[result.figure];
      return figure ? [lineOf(result, figure)] : [];
    }),
    '',
  ];
}

function lineOf(result: RowResult['figures'][number], { what, unit, goal, statistic }: Figure): string {
  const name = statistic === undefined ? what : `${what}, ${statistic}`;
  const withUnit = (text: string) => (unit === '' ? text : `${text} ${unit}`);
  const cells = [
    name,
    goal === undefined ? '' : withUnit(goalText(goal)),
    withUnit(String(result.value)),
    result.samples === 1 ? '' : `${result.least} – ${result.greatest}`,
    verdictOf(result.held),
  ];
  return `| ${cells.join(' | ')} |`;
}

function verdictOf(held: boolean | undefined): string {
  if (held === undefined) return '';
  return held ? 'yes' : '**no**';
}

/**
 * A document with the table between its markers replaced.
 *
 * @throws if the document has no markers.
 */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The document has no lines "${BEGIN}" and "${END}".`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n${document.slice(end)}`;
}
