/** The human-readable table, made from the results. */
import type { Bench } from './bench.ts';
import { type Figure, goalText, isHeld } from './figure.ts';
import type { Results, RowResult } from './results.ts';

const BEGIN = '<!-- bench:begin, written by npm run bench -->';
const END = '<!-- bench:end -->';

/** Above this one-minute load average a machine is too busy for absolute figures. */
export const QUIET_LOAD = 2;

/** Markdown: one heading per row, then its figures with goal and verdict. */
export function resultsTable({ rows }: Results, benches: readonly TableBench[]): string {
  const known = new Map(benches.map((bench) => [bench.row, bench]));
  const sections = rows.flatMap((row) => {
    const bench = known.get(row.row);
    return bench ? [sectionOf(row, bench)] : [];
  });
  return sections.flat().join('\n');
}

/** The part of a bench that its table depends on. */
export type TableBench = Pick<Bench, 'row' | 'what' | 'figures'>;

function sectionOf(row: RowResult, { what, figures }: TableBench): string[] {
  return [
    `**${row.row}**: ${what} (${circumstancesOf(row)})`,
    ...(row.load !== null && row.load > QUIET_LOAD
      ? ['', `**The machine was busy (one-minute load ${shortened(row.load)}): only the ratios count.**`]
      : []),
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

function circumstancesOf({ rounds, measuredAt, load, machine }: RowResult): string {
  const { cores, processor, node } = machine;
  return [
    rounds === 1 ? '1 round' : `${rounds} rounds`,
    measuredAt.slice(0, 10),
    load === null ? 'load not recorded' : `one-minute load ${shortened(load)}`,
    `${cores} cores of ${processor}`,
    `Node ${node}`,
  ].join(', ');
}

function lineOf(result: RowResult['figures'][number], { what, unit, goal, statistic }: Figure): string {
  const name = statistic === undefined ? what : `${what}, ${statistic}`;
  const withUnit = (text: string) => (unit === '' ? text : `${text} ${unit}`);
  const cells = [
    name,
    goal === undefined ? '' : withUnit(goalText(goal)),
    withUnit(shortened(result.value)),
    result.samples === 1 ? '' : `${shortened(result.least)} – ${shortened(result.greatest)}`,
    goal === undefined ? '' : verdictOf(isHeld(goal, result.value)),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Three significant digits; more would be noise. */
function shortened(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** By today's goal, whatever it was when the figure was measured. */
function verdictOf(held: boolean): string {
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
