import type { SaleMessage } from '../../shared/api/live.ts';
import { formatDecimal, formatInteger } from '../format.ts';
import { FEED_LENGTH, type PageState } from '../state/state.ts';
import { ranked } from '../state/sums.ts';
import type { ReadSummary } from '../stream/history.ts';
import { byId, setOptions, setText } from '../views/dom.ts';
import { storeHue } from '../views/theme.ts';
import {
  addPoints,
  createPriceChart,
  type PriceLine,
  type PricePoints,
  pointsOfGroups,
  priceLine,
  salesAfter,
} from './price-chart.ts';

const RETRY_MS = 2_000;

/** The points of a product: up to a sale by its id, those after it come from the stream. */
interface Known {
  readonly product: string;
  /** Tells one run from another. */
  readonly firstId: number;
  readonly upToId: number;
  /** Null while they are asked for. */
  readonly points: PricePoints | null;
}

/** Draws units against price of a product, all sales of the run. */
export function createPriceView(ask: ReadSummary): (state: PageState, now: number) => void {
  const drawChart = createPriceChart(byId('price-chart', HTMLElement));
  const select = byId('price-product', HTMLSelectElement);
  let known: Known | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  let drawn: PricePoints | null = null;
  let latest: PageState | null = null;

  async function load(wanted: Known): Promise<void> {
    known = wanted;
    const { product, upToId } = wanted;
    const question = `by=day_index&then_by=store&product_id=${encodeURIComponent(product)}&before_id=${upToId + 1}`;
    try {
      const points = pointsOfGroups(await ask(question));
      if (known === wanted) known = { ...wanted, points };
    } catch {
      failedAt = Date.now();
      if (known === wanted) known = null;
    }
    if (latest) update(latest, Date.now());
  }

  function update(state: PageState, now: number): void {
    const { firstId } = state.run;
    const upToId = state.feed[0]?.id;
    const product = select.value;
    if (firstId === null || upToId === undefined || product === '') known = null;
    else if (known?.product === product && known.firstId === firstId)
      known = followed(known, state.feed, upToId);
    else if (now - failedAt >= RETRY_MS) void load({ product, firstId, upToId, points: null });
    draw(state, known?.points ?? null);
  }

  function draw({ run }: PageState, points: PricePoints | null): void {
    if (points === drawn) return;
    drawn = points;
    const line = points && priceLine(points);
    const hueOf = (store: string) => storeHue(store, run.breakdown.stores);
    drawChart(points && { product: select.value, points, line, hueOf });
    setText(byId('price-line', HTMLElement), line ? lineText(line) : '\u00a0');
  }

  select.addEventListener('change', () => latest && update(latest, Date.now()));
  return (state, now) => {
    latest = state;
    // The top product of the whole run is offered first, not that of the days that happen to be known.
    if (state.run.hasHistory) {
      const products = ranked(state.run.breakdown.products, 'revenueCents').map(({ key }) => key);
      setOptions(select, products.toSorted(), products[0]);
      select.disabled = products.length === 0;
    }
    update(state, now);
  };
}

/** What is known, with the sales that have come since; null if the feed has lost some of them. */
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
    `Line: ln(units) on ln(price), least squares over ${formatInteger(sales)} sales of this run. ` +
    `Elasticity ${formatDecimal(elasticity)}, R² ${rSquared.toFixed(2)}; an association, not a cause.`
  );
}
