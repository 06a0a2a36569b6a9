import type { Page } from 'playwright-core';
import { linearRegression } from 'simple-statistics';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { textOf } from './page-fixture.ts';

/** Every figure a page shows of a run, as text. */
export interface PageContents {
  readonly revenue: string;
  readonly units: string;
  readonly events: string;
  readonly discount: string;
  readonly product: string;
  /** Cells of the tables' rows, without empty ones. */
  readonly stores: string[][];
  readonly products: string[][];
  readonly cells: string[][];
  readonly climate: string[][];
  /** Ids of the newest sales. */
  readonly feed: string[];
  readonly daysChart: string;
  readonly priceChart: string;
}

const PRODUCTS_SHOWN = 16;
const FEED_COMPARED = 10;
const integer = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const date = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const dateText = (day: string) => date.format(Date.parse(day)).replace(',', '');

/** What a page shows. */
export async function contentsOnPage(page: Page): Promise<PageContents> {
  const rows = (id: string) =>
    page
      .locator(`#${id} tbody tr:not(.gap)`)
      .evaluateAll((all) =>
        all.map((row) =>
          [...row.children].map((cell) => cell.textContent ?? '').filter((text) => text !== ''),
        ),
      );
  const chart = async (id: string) =>
    (await page
      .locator(`#${id} canvas`)
      .getAttribute('aria-label')
      .catch(() => null)) ?? '';
  return {
    revenue: await textOf(page, 'kpi-revenue'),
    units: await textOf(page, 'kpi-units'),
    events: await textOf(page, 'kpi-events'),
    discount: await textOf(page, 'kpi-discount'),
    product: await textOf(page, 'kpi-product'),
    stores: await rows('stores'),
    products: await rows('products'),
    cells: await rows('cells'),
    climate: await rows('climate'),
    feed: (await rows('feed')).map(([id = '']) => id).slice(0, FEED_COMPARED),
    daysChart: await chart('days-chart'),
    priceChart: await chart('price-chart'),
  };
}

interface Row {
  readonly label: string;
  /** At list price. */
  readonly list: number;
  /** What customers paid. */
  readonly net: number;
  readonly units: number;
  readonly events: number;
}

/** What a page must show of the newest run, computed from the stored rows. */
export async function contentsInDatabase(pool: Pool): Promise<PageContents> {
  const sums =
    'SUM(units_sold * price) AS list, SUM(ROUND(units_sold * price * (100 - discount))) / 100 AS net, SUM(units_sold) AS units, COUNT(*) AS events';
  const run = 'run_id = (SELECT run_id FROM kafka_events ORDER BY id DESC LIMIT 1)';
  const by = (label: string, where = 'TRUE') =>
    select<Row>(
      pool,
      `SELECT ${label} AS label, ${sums} FROM kafka_events e JOIN calendar c USING (date)
        WHERE ${run} AND ${where} GROUP BY label ORDER BY net DESC, label`,
      [],
    );
  const days = (await by('date')).toSorted((one, other) => one.label.localeCompare(other.label));
  const last = days.at(-1);
  if (!last) throw new Error('No sale is stored.');
  const ofDay = `date = '${last.label}'`;
  const products = await by('product_id');
  const [top] = await by('product_id', ofDay);
  const ids = await select<{ id: number }>(
    pool,
    `SELECT id FROM kafka_events WHERE ${run} ORDER BY id DESC LIMIT ${FEED_COMPARED}`,
    [],
  );
  return {
    revenue: integer.format(last.net),
    units: integer.format(last.units),
    events: `${last.events} / 100`,
    discount: `${Math.round((1 - last.net / last.list) * 100)} %`,
    product: top?.label ?? '',
    stores: ranking(await by('store_id'), await by('store_id', ofDay)),
    products: ranking(products, await by('product_id', ofDay)).slice(0, PRODUCTS_SHOWN),
    cells: table(await by("CONCAT(category, '/', region)"), ({ net }) => integer.format(net / 1_000)),
    climate: table(await by("CONCAT(weather, '/', seasonality)"), ({ units, events }) =>
      (units / events).toFixed(1),
    ),
    feed: ids.map(({ id }) => String(id)),
    daysChart: daysText(days, last),
    priceChart: await priceText(pool, run, products[0]?.label ?? ''),
  };
}

function ranking(run: readonly Row[], day: readonly Row[]): string[][] {
  const total = run.reduce((sum, { net }) => sum + net, 0);
  return run.map(({ label, net }) => [
    label,
    integer.format(net),
    `${Math.round((net / total) * 100)} %`,
    integer.format(day.find((each) => each.label === label)?.net ?? 0),
  ]);
}

function table(rows: readonly Row[], text: (row: Row) => string): string[][] {
  const names = (part: 0 | 1) => [...new Set(rows.map(({ label }) => label.split('/')[part] ?? ''))].sort();
  return names(0).map((name) => [
    name,
    ...names(1).map((column) => {
      const row = rows.find(({ label }) => label === `${name}/${column}`);
      return row ? text(row) : '–';
    }),
  ]);
}

function daysText(days: readonly Row[], last: Row): string {
  const [first] = days;
  const best = days.reduce((most, day) => (day.units > most.units ? day : most));
  return (
    `Line chart of ${days.length === 1 ? '1 day' : `${days.length} days`} from ${dateText(first?.label ?? '')} to ${dateText(last.label)}. ` +
    `Last: net revenue ${integer.format(last.net)}, ${integer.format(last.units)} units. ` +
    `Most units: ${integer.format(best.units)} on ${dateText(best.label)}.`
  );
}

async function priceText(pool: Pool, run: string, product: string): Promise<string> {
  const sales = await select<{ price: number; units: number }>(
    pool,
    `SELECT price, units_sold AS units FROM kafka_events WHERE ${run} AND product_id = ? AND units_sold > 0`,
    [product],
  );
  const { m } = linearRegression(sales.map(({ price, units }) => [Math.log(price), Math.log(units)]));
  return (
    `Scatter chart of ${integer.format(sales.length)} sales of ${product}, units against price; ` +
    `the elasticity is ${m.toFixed(2).replace('-', '−')}.`
  );
}
