import { cellOf, type SumsByKey } from './sums.ts';

/** One cell of a mix. */
export interface MixCell {
  readonly row: string;
  readonly column: string;
  readonly netCents: number;
  /** Share of its column, 0-1: on the day, and in the whole run. Null where the column sold nothing. */
  readonly ofDay: number | null;
  readonly ofRun: number | null;
}

/**
 * The shares of the rows in each column, of a day and of the run: unlike amounts they don't depend on how many stores a region has.
 *
 * @param namesOf Row and column of a category and a region; null leaves the cell out.
 */
export function mixOf(
  day: SumsByKey,
  run: SumsByKey,
  namesOf: (category: string, region: string) => readonly [row: string, column: string] | null,
): MixCell[] {
  const ofDay = centsByCell(day, namesOf);
  return [...centsByCell(run, namesOf)].flatMap(([column, rows]) =>
    [...rows].map(([row, cents]) => {
      const dayRows = ofDay.get(column) ?? new Map<string, number>();
      const netCents = dayRows.get(row) ?? 0;
      return { row, column, netCents, ofDay: share(netCents, dayRows), ofRun: share(cents, rows) };
    }),
  );
}

type Cents = ReadonlyMap<string, number>;

/** Net revenue by column and row. */
function centsByCell(sums: SumsByKey, namesOf: Parameters<typeof mixOf>[2]): ReadonlyMap<string, Cents> {
  const columns = new Map<string, Map<string, number>>();
  for (const [key, { netCents }] of sums) {
    const names = namesOf(...cellOf(key));
    if (!names) continue;
    const [row, column] = names;
    const rows = columns.get(column) ?? new Map<string, number>();
    rows.set(row, (rows.get(row) ?? 0) + netCents);
    columns.set(column, rows);
  }
  return columns;
}

function share(cents: number, rows: Cents): number | null {
  const total = [...rows.values()].reduce((sum, each) => sum + each, 0);
  return total > 0 ? cents / total : null;
}
