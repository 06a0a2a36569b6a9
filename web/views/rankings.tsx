import type { ComponentChildren, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import type { Ranking } from '../answers.ts';
import { formatAmount, formatCount, formatDate, formatInteger, signedPercent } from '../format.ts';
import { emptyTableText, runBreakdown } from '../state/state.ts';
import { addressOf } from '../stream/api.ts';
import { EmptyRow } from './heat-table.tsx';
import { useDayAnswer, useSelected } from './hooks.ts';
import { sparklinePath } from './kpis.tsx';
import type { Page } from './page.ts';
import { storeHue } from './theme.ts';

const ROWS_SHOWN = 16;

/** A change against the usual is coloured from here on (percent): such a day is listed as unusual, too. */
const UNUSUAL_PCT = 25;

type Ranked = Ranking['stores'][number];

/** The stores and the products by what they sold on the day that is looked at: totals of the run hardly change their order. */
export function Rankings({ page }: { page: Page }) {
  const stores = useRef<HTMLElement>(null);
  const products = useRef<HTMLElement>(null);
  const { value: ranking } = useDayAnswer<Ranking>(page, [stores, products], (day) =>
    addressOf(operations.readRanking, { day, limit: ROWS_SHOWN }),
  );
  const { stores: known, products: knownProducts } = useSelected(page.store, ({ run }) => runBreakdown(run));
  return (
    <>
      <Panel name="stores" title="Stores" section={stores} ranking={ranking}>
        <Table
          page={page}
          id="stores"
          subject="Store"
          rows={ranking?.stores}
          hueOf={(store) => storeHue(store, known)}
        />
        <Rest shown={ranking?.stores.length} of={known.size} />
      </Panel>
      <Panel name="products" title="Products" section={products} ranking={ranking}>
        <Table page={page} id="products" subject="Product" rows={ranking?.products} />
        <Rest shown={ranking?.products.length} of={knownProducts.size} />
      </Panel>
    </>
  );
}

/** Says that a table ends before everything is listed. */
function Rest({ shown, of }: { shown: number | undefined; of: number }) {
  if (shown !== ROWS_SHOWN || of <= shown) return null;
  return (
    <p class="caption quiet">
      The first {shown} of {formatInteger(of)}
    </p>
  );
}

interface PanelProps {
  readonly name: 'stores' | 'products';
  readonly title: string;
  readonly section: RefObject<HTMLElement | null>;
  readonly ranking: Ranking | null;
  readonly children: ComponentChildren;
}

/** The day is always named: it may not be the one in the header. */
function Panel({ name, title, section, ranking, children }: PanelProps) {
  return (
    <section class={`panel ${name}`} ref={section} aria-labelledby={`${name}-title`}>
      <div class="head">
        <h2 id={`${name}-title`}>{title}</h2>
        <span id={`${name}-day`} class="quiet">
          {ranking?.date && formatDate(ranking.date)}
        </span>
      </div>
      {children}
    </section>
  );
}

interface TableProps {
  readonly page: Page;
  readonly id: string;
  readonly subject: string;
  readonly rows: readonly Ranked[] | undefined;
  /** The hue of a store; null if it has none. Products have no marks. */
  hueOf?(id: string): number | null;
}

function Table({ page, id, subject, rows = [], hueOf }: TableProps) {
  const empty = useSelected(page.store, emptyTableText);
  const knowsStock = !page.missing.value.has('inventory_level');
  const greatest = rows[0]?.net_revenue ?? 0;
  return (
    <table id={id} class="ranking">
      <thead>
        <tr>
          <th scope="col" class="name">
            {subject}
          </th>
          <th scope="col" class="number" title="What customers paid on the day">
            Net
          </th>
          <th scope="col" class="number">
            Units
          </th>
          <th
            scope="col"
            class="number"
            title="Net revenue against the mean of the same weekday in the four weeks before"
          >
            vs usual
          </th>
          <th scope="col" class="trend" title="Net revenue of each day of the last four weeks">
            4 weeks
          </th>
          {knowsStock && (
            <th scope="col" class="number" title="Sales of the day that took all of the stock">
              Out
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && <EmptyRow columns={knowsStock ? 6 : 5}>{empty}</EmptyRow>}
        {rows.map((row, place) => (
          // By place: rows that change places would be moved in the document with each day.
          <Row key={place} row={row} greatest={greatest} hue={hueOf?.(row.id)} knowsStock={knowsStock} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: Ranked;
  /** The net revenue that fills the bar. */
  readonly greatest: number;
  /** Undefined for a row without a mark. */
  readonly hue: number | null | undefined;
  readonly knowsStock: boolean;
}

function Row({ row, greatest, hue, knowsStock }: RowProps) {
  const { id, net_revenue, units, usual_net_revenue: usual, stock_outs, trend } = row;
  const change = usual === null || usual <= 0 ? null : (net_revenue / usual - 1) * 100;
  return (
    <tr class={hue == null ? '' : `store-${hue + 1}`}>
      <td class={hue === undefined ? 'name' : 'name store'} title={id}>
        {id}
      </td>
      <td class="number bar-cell">
        <span style={{ width: `${greatest > 0 ? (net_revenue / greatest) * 100 : 0}%` }} />
        {formatAmount(Math.round(net_revenue * 100))}
      </td>
      <td class="number quiet">{formatInteger(units)}</td>
      <td class="number change" data-trend={trendOf(change)}>
        {change === null ? '–' : signedPercent(change, 0)}
      </td>
      <td class="trend" aria-hidden="true">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <path d={sparklinePath(trend)} vector-effect="non-scaling-stroke" />
        </svg>
      </td>
      {knowsStock && (
        <td class="number">
          {stock_outs === null || stock_outs === 0 ? (
            <span class="quiet">–</span>
          ) : (
            <b class="sold-out" title={`${formatCount(stock_outs, 'sale')} of the day took all of the stock`}>
              {formatInteger(stock_outs)}
            </b>
          )}
        </td>
      )}
    </tr>
  );
}

function trendOf(change: number | null): 'up' | 'down' | 'flat' {
  if (change === null || Math.abs(change) <= UNUSUAL_PCT) return 'flat';
  return change > 0 ? 'up' : 'down';
}
