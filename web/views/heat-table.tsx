import { formatAmount, formatThousands } from '../format.ts';
import { emptyTableText, runBreakdown } from '../state/state.ts';
import { cellOf } from '../state/sums.ts';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';

const SEASONS = ['winter', 'spring', 'summer', 'autumn', 'fall'];

/** One cell of a table of amounts. */
export interface HeatCell {
  readonly row: string;
  readonly column: string;
  readonly value: number;
  readonly text: string;
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

/** Amounts by row and column, shaded from the least to the greatest. */
export function HeatTable({ id, corner, cells, empty }: HeatTableProps) {
  const columns = sortedNames(cells.map(({ column }) => column));
  const shadeOf = shades(cells.map(({ value }) => value));
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
                  class="cell"
                  title={cell?.exact ?? ''}
                  style={cell && { '--part': String(shadeOf(cell.value)) }}
                >
                  {cell?.text ?? '–'}
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

/** Seasons in their order in the year, everything else by its name. */
function sortedNames(names: readonly string[]): string[] {
  const place = (name: string) => SEASONS.indexOf(name.toLowerCase());
  return [...new Set(names)].sort().sort((one, other) => place(one) - place(other));
}

/** The position of a value between the least and the greatest, 0-1. */
function shades(values: readonly number[]): (value: number) => number {
  const least = Math.min(...values);
  const spread = Math.max(...values) - least;
  return (value) => (spread === 0 ? 0.5 : (value - least) / spread);
}

/** The only row or column of a table whose data set lacks that column. */
export const ALL = 'All';

/** Revenue of each category in each region, or of one of them if the data set lacks the other. */
export function CategoryTable({ page }: { page: Page }) {
  const missing = page.missing.value;
  const sums = useSelected(page.store, ({ run }) => runBreakdown(run).cells);
  const empty = useSelected(page.store, emptyTableText);
  const cells = [...sums].flatMap(([key, { netCents }]) => {
    const [category, region] = cellOf(key);
    const row = missing.has('category') ? ALL : category;
    const column = missing.has('region') ? ALL : region;
    if (row === '' || column === '') return [];
    return [{ row, column, value: netCents, text: formatThousands(netCents), exact: formatAmount(netCents) }];
  });
  return <HeatTable id="cells" corner="In thousands" cells={cells} empty={empty} />;
}
