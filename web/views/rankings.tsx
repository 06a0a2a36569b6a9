import { formatAmount, formatShare } from '../format.ts';
import { emptyTableText, runBreakdown } from '../state/state.ts';
import { ranked } from '../state/sums.ts';
import { EmptyRow } from './heat-table.tsx';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { storeMark } from './theme.ts';

const ROWS_SHOWN = 16;

/** The stores by revenue. */
export function StoreRanking({ page }: { page: Page }) {
  const { stores } = useSelected(page.store, ({ run }) => runBreakdown(run));
  return (
    <Ranking
      page={page}
      id="stores"
      subject="Store"
      by="stores"
      markOf={(store) => storeMark(store, stores)}
    />
  );
}

/** The products by revenue, as many as there is room for. */
export function ProductRanking({ page }: { page: Page }) {
  return <Ranking page={page} id="products" subject="Product" by="products" markOf={() => ''} />;
}

interface RankingProps {
  readonly page: Page;
  readonly id: string;
  readonly subject: string;
  readonly by: 'stores' | 'products';
  /** Classes that mark a row with a colour. */
  markOf(key: string): string;
}

function Ranking({ page, id, subject, by, markOf }: RankingProps) {
  const run = useSelected(page.store, (state) => state.run);
  const empty = useSelected(page.store, emptyTableText);
  const rows = ranked(runBreakdown(run)[by], 'netCents');
  const { breakdown, isPast } = page.looking.value;
  const ofDay = breakdown[by];
  const greatest = rows[0]?.netCents ?? 0;
  const total = rows.reduce((sum, { netCents }) => sum + netCents, 0);
  return (
    <table id={id} class="ranking">
      <thead>
        <tr>
          <th scope="col">{subject}</th>
          <th scope="colgroup" colSpan={3} class="number">
            Whole run, share
          </th>
          <th scope="col" class="number">
            {isPast ? 'This day' : 'Newest day'}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && <EmptyRow columns={5}>{empty}</EmptyRow>}
        {rows.slice(0, ROWS_SHOWN).map(({ key, netCents }) => (
          <tr key={key}>
            <td class={markOf(key)}>{key}</td>
            <td class={`bar-cell ${markOf(key).replace('store ', '')}`}>
              <span style={{ width: `${greatest > 0 ? (netCents / greatest) * 100 : 0}%` }} />
            </td>
            <td class="number">{formatAmount(netCents)}</td>
            <td class="number quiet">{formatShare(netCents, total)}</td>
            <td class="number">{formatAmount(ofDay.get(key)?.netCents ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
