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
const NO_CLIMATE = 'Averages appear after two weeks: each day is held against the same weekdays before it.';
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
  const cell = "CONCAT(category, '/', region)";
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
    stores: await ranking(pool, run, 'store_id', last.label),
    products: (await ranking(pool, run, 'product_id', last.label)).slice(0, PRODUCTS_SHOWN),
    cells: mixTable(await by(cell), await by(cell, ofDay)),
    climate: climateTable(
      await by("CONCAT_WS('/', date, e.weather, IF(e.is_holiday_promo = 1, 'Promotion', 'No promotion'))"),
    ),
    feed: ids.map(({ id }) => String(id)),
    daysChart: daysText(days, last),
    priceChart: await priceText(pool, run, products[0]?.label ?? ''),
  };
}

/** The day of each store or product, against the same weekdays of the four weeks before, and what sold out on it. */
async function ranking(pool: Pool, run: string, id: string, day: string): Promise<string[][]> {
  const rows = await select<{
    label: string;
    net: number;
    units: number;
    before: number;
    weeks: number;
    gone: number;
  }>(
    pool,
    `SELECT label, SUM(CASE WHEN age = 0 THEN net END) AS net, SUM(CASE WHEN age = 0 THEN units END) AS units,
            SUM(CASE WHEN age IN (7, 14, 21, 28) THEN net END) AS \`before\`,
            COUNT(DISTINCT CASE WHEN age IN (7, 14, 21, 28) THEN age END) AS weeks,
            SUM(CASE WHEN age = 0 THEN gone ELSE 0 END) AS gone
       FROM (SELECT e.${id} AS label, TO_DAYS(?) - TO_DAYS(e.date) AS age, e.units_sold AS units,
                    ROUND(e.units_sold * e.price * (100 - e.discount)) / 100 AS net,
                    f.units_sold >= f.inventory_level AS gone
               FROM kafka_events e JOIN sales_facts f USING (date, store_id, product_id)
              WHERE ${run}) sales
      GROUP BY label ORDER BY net DESC, label`,
    [day],
  );
  return rows.map(({ label, net, units, before, weeks, gone }) => [
    label,
    integer.format(net),
    integer.format(units),
    Number(weeks) < 2 ? '–' : signedPercent(Number(net) / (Number(before) / Number(weeks)) - 1),
    Number(gone) === 0 ? '–' : integer.format(gone),
  ]);
}

function signedPercent(part: number): string {
  const percent = Math.round(part * 100) || 0;
  return `${percent > 0 ? '+' : percent < 0 ? '\u2212' : ''}${Math.abs(percent)} %`;
}

/** The share of each category in its region: of the day, and of the run. */
function mixTable(run: readonly Row[], day: readonly Row[]): string[][] {
  const share = (rows: readonly Row[], label: string) => {
    const region = rows.filter((row) => row.label.split('/')[1] === label.split('/')[1]);
    const net = rows.find((row) => row.label === label)?.net ?? 0;
    return `${Math.round((Number(net) / region.reduce((sum, row) => sum + Number(row.net), 0)) * 100)} %`;
  };
  return table(run, ({ label }) => `${share(day, label)} ${share(run, label)}`);
}

/** What each weather sells against the same weekdays before, from rows by date, weather and promotion. */
function climateTable(rows: readonly Row[]): string[][] {
  const sold = new Map(rows.map(({ label, units }) => [label.slice(0, 10), Number(units)]));
  const cells = new Map<string, { units: number; usual: number; days: number }>();
  for (const { label, units } of rows) {
    const before = [7, 14, 21, 28].flatMap((days) => {
      const other = new Date(Date.parse(label.slice(0, 10)) - days * 86_400_000).toISOString().slice(0, 10);
      return sold.get(other) ?? [];
    });
    if (before.length < 2) continue;
    const cell = cells.get(label.slice(11)) ?? { units: 0, usual: 0, days: 0 };
    cell.units += Number(units);
    cell.usual += before.reduce((sum, each) => sum + each, 0) / before.length;
    cell.days += 1;
    cells.set(label.slice(11), cell);
  }
  if (cells.size === 0) return [[NO_CLIMATE]];
  return table(
    [...cells].map(([label]) => ({ label })),
    ({ label }) => {
      const { units = 0, usual = 0, days = 0 } = cells.get(label) ?? {};
      return `${signedPercent(units / usual - 1)} n ${days}`;
    },
  );
}

function table<Labelled extends { readonly label: string }>(
  rows: readonly Labelled[],
  text: (row: Labelled) => string,
): string[][] {
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
