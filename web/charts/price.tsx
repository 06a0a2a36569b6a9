import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { SaleMessage } from '../../shared/api/live.ts';
import { formatCount, formatDecimal } from '../format.ts';
import { FEED_LENGTH, type PageState } from '../state/state.ts';
import { ranked } from '../state/sums.ts';
import type { Page } from '../views/page.ts';
import { storeHue } from '../views/theme.ts';
import { ChartBox } from './chart.tsx';
import {
  addPoints,
  type PriceLine,
  type PricePoints,
  pointsOfGroups,
  priceChart,
  priceLine,
  salesAfter,
} from './price-chart.ts';

const RETRY_MS = 2_000;

/** A no-break space, which keeps the height of an empty line. */
const NO_TEXT = '\u00a0';

/** The points of a product: up to a sale they are requested, after it they arrive in the stream. */
interface Known {
  readonly product: string;
  /** Identifies the run. */
  readonly firstId: number;
  readonly upToId: number;
  /** Null while they are being requested. */
  readonly points: PricePoints | null;
}

/** Units against price of a product, all sales of the run. */
export function Price({ page }: { page: Page }) {
  const { state } = page.store;
  const product = useSignal('');
  const points = usePoints(page, product);
  const products = useComputed(() => {
    const { hasHistory, breakdown } = state.value.run;
    return hasHistory ? ranked(breakdown.products, 'netCents').map(({ key }) => key) : [];
  });
  useSignalEffect(() => {
    // The initial product is the top one of the whole run, not of the days that happen to be known.
    const [top = ''] = products.value;
    if (!products.value.includes(product.peek())) product.value = top;
  });
  const view = useComputed(() => {
    if (points.value === null) return null;
    const { stores } = state.peek().run.breakdown;
    const line = priceLine(points.value);
    return {
      product: product.peek(),
      points: points.value,
      line,
      hueOf: (store: string) => storeHue(store, stores),
    };
  }).value;
  return (
    <>
      <div class="head">
        <h2 id="price-title">Demand against price</h2>
        <label class="visually-hidden" for="price-product">
          Product whose prices are shown
        </label>
        <select
          id="price-product"
          value={product.value}
          disabled={products.value.length === 0}
          onChange={({ currentTarget }) => {
            product.value = currentTarget.value;
          }}
        >
          {products.value.length === 0 && <option value="">–</option>}
          {products.value.toSorted().map((key) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </select>
      </div>
      <ChartBox id="price-chart" definition={priceChart} series={view?.product} view={view} />
      <p id="price-line" class="caption quiet">
        {view?.line ? lineText(view.line) : NO_TEXT}
      </p>
    </>
  );
}

/** The points of the chosen product; null while they are unknown. */
function usePoints({ store, readSummary }: Page, product: { readonly value: string }) {
  const known = useSignal<Known | null>(null);
  const failedAt = useRef(Number.NEGATIVE_INFINITY);

  async function load(wanted: Known): Promise<void> {
    known.value = wanted;
    const query = `by=day_index&then_by=store&product_id=${encodeURIComponent(wanted.product)}&before_id=${wanted.upToId + 1}`;
    try {
      const points = pointsOfGroups(await readSummary(query));
      if (known.peek() === wanted) known.value = { ...wanted, points };
    } catch {
      failedAt.current = Date.now();
      if (known.peek() === wanted) known.value = null;
    }
  }

  function update({ run, feed }: PageState, now: number, wanted: string): void {
    const { firstId } = run;
    const upToId = feed[0]?.id;
    const current = known.peek();
    if (firstId === null || upToId === undefined || wanted === '') known.value = null;
    else if (current?.product === wanted && current.firstId === firstId)
      known.value = followed(current, feed, upToId);
    else if (now - failedAt.current >= RETRY_MS)
      void load({ product: wanted, firstId, upToId, points: null });
  }

  useSignalEffect(() => {
    const wanted = product.value;
    void known.value;
    update(store.state.value, store.now.value, wanted);
  });
  return useComputed(() => known.value?.points ?? null);
}

/** The requested points and the sales since; null if some of these have dropped out of the feed. */
function followed(known: Known, feed: readonly SaleMessage[], newestId: number): Known | null {
  if (!known.points || known.upToId === newestId) return known;
  const since = salesAfter(feed, known.upToId, FEED_LENGTH);
  if (!since) return null;
  const ofProduct = since.filter(({ product_id }) => product_id === known.product);
  const points = ofProduct.length > 0 ? addPoints(known.points, ofProduct) : known.points;
  return { ...known, upToId: newestId, points };
}

function lineText({ elasticity, rSquared, sales }: PriceLine): string {
  return (
    `Line: ln(units) on ln(price), least squares over ${formatCount(sales, 'sale')} of this run. ` +
    `Elasticity ${formatDecimal(elasticity)}, R² ${rSquared.toFixed(2)}; an association, not a cause.`
  );
}
