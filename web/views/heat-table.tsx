import { formatAmount, formatShare } from '../format.ts';
import { type MixCell, mixOf } from '../state/mix.ts';
import { emptyTableText, runBreakdown } from '../state/state.ts';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';

/** One cell of a table. */
export interface HeatCell {
  readonly row: string;
  readonly column: string;
  readonly value: number;
  readonly text: string;
  /** Smaller, below the text: what the value is made of, or held against. */
  readonly note: string;
  /** Whether chance may be all that it shows: it isn't shaded. */
  readonly isWeak?: boolean;
  /** Details that the text omits, shown under the pointer. */
  readonly exact: string;
}

interface HeatTableProps {
  readonly id: string;
  readonly corner: string;
  readonly cells: readonly HeatCell[];
  /** Text that says what will fill the table. */
  readonly empty: string;
}

/** Values by row and column, shaded from the least to the greatest. */
export function HeatTable({ id, corner, cells, empty }: HeatTableProps) {
  const columns = sortedNames(cells.map(({ column }) => column));
  const shadeOf = shades(cells.filter(({ isWeak }) => !isWeak).map(({ value }) => value));
  const byPlace = new Map(cells.map((cell) => [`${cell.row}\n${cell.column}`, cell]));
  return (
    <table id={id} class="heat">
      <thead>
        {cells.length > 0 && (
          <tr>
            <th scope="col">{corner}</th>
            {columns.map((column) => (
              <th key={column} scope="col" class="number" title={column}>
                {column}
              </th>
            ))}
          </tr>
        )}
      </thead>
      <tbody>
        {cells.length === 0 && <EmptyRow columns={1}>{empty}</EmptyRow>}
        {sortedNames(cells.map(({ row }) => row)).map((row) => (
          <tr key={row}>
            <th scope="row" title={row}>
              {row}
            </th>
            {columns.map((column) => {
              const cell = byPlace.get(`${row}\n${column}`);
              return (
                <td
                  key={column}
                  class={cell?.isWeak === true ? 'cell weak' : 'cell'}
                  title={cell?.exact ?? ''}
                  style={cell?.isWeak === true ? '' : cell && { '--part': String(shadeOf(cell.value)) }}
                >
                  {cell?.text ?? '–'} {cell && <small>{cell.note}</small>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A row that says what will fill the table. */
export function EmptyRow({ columns, children }: { columns: number; children: string }) {
  return (
    <tr class="empty-row">
      <td colSpan={columns}>{children}</td>
    </tr>
  );
}

function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** The position of a value between the least and the greatest, 0-1. */
function shades(values: readonly number[]): (value: number) => number {
  const least = Math.min(...values);
  const spread = Math.max(...values) - least;
  return (value) => (spread === 0 ? 0.5 : (value - least) / spread);
}

/** The only row or column of a table whose data set lacks that column. */
export const ALL = 'All';

/**
 * The share of each category in what a region sold on the day, beside its share in the whole run; of one of them if the data set
 * lacks the other.
 */
export function CategoryTable({ page }: { page: Page }) {
  const missing = page.missing.value;
  const run = useSelected(page.store, (state) => runBreakdown(state.run).cells);
  const empty = useSelected(page.store, emptyTableText);
  const cells = mixOf(page.looking.value.breakdown.cells, run, (category, region) => {
    if (missing.has('category')) return region === '' ? null : [region, ALL];
    if (category === '') return null;
    if (missing.has('region')) return [category, ALL];
    return region === '' ? null : [category, region];
  });
  return (
    <>
      <HeatTable
        id="cells"
        corner={missing.has('category') ? 'Region' : 'Category'}
        cells={cells.map(mixCell)}
        empty={empty}
      />
      <p class="caption quiet">
        Share of the net revenue of the day; below it, of the whole run. Shaded by the difference.
      </p>
    </>
  );
}

function mixCell({ row, column, netCents, ofDay, ofRun }: MixCell): HeatCell {
  const [day, run] = [ofDay, ofRun].map((share) => (share === null ? '–' : formatShare(share, 1)));
  return {
    row,
    column,
    value: (ofDay ?? 0) - (ofRun ?? 0),
    text: day ?? '–',
    note: run ?? '–',
    isWeak: ofDay === null,
    exact: `${formatAmount(netCents)} net on the day`,
  };
}
