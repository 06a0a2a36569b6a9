import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventuallyOnPage, expectText, pageFixture, saveScreenshot } from '../support/page-fixture.ts';

const TALL = { viewport: { width: 1280, height: 2_400 } };
const DAYS = 22;
/** Orders can be recommended from 24 days on. */
const PROMOTED_DAYS = 40;
const folder = mkdtempSync(path.join(tmpdir(), 'missing-columns-'));

/** Lines of each of some days. */
function linesOfDays(line: (day: number, date: Date) => string[]): string[] {
  return Array.from({ length: DAYS }, (_, day) => line(day, new Date(Date.UTC(2016, 0, 1 + day)))).flat();
}

function fileOf(name: string, lines: readonly string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** In the public form of the Sample Superstore, written for this test. */
function superstore(): string {
  const header =
    'Row ID,Order ID,Order Date,Ship Mode,Segment,Region,Product ID,Category,Sub-Category,Sales,Quantity,Discount,Profit';
  const products = [
    ['Furniture', 'Bookcases', 130],
    ['Furniture', 'Tables', 340],
    ['Technology', 'Phones', 220],
  ] as const;
  const lines = linesOfDays((day, date) =>
    ['South', 'West'].flatMap((region, store) =>
      products.map(([category, name, price], index) => {
        const quantity = 2 + ((day * 3 + store + index) % 5);
        const discount = (day + index) % 4 === 0 ? 0.2 : 0;
        const sales = (price * quantity * (1 - discount)).toFixed(2);
        const when = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`;
        return `${day},CA-${day}${store}${index},${when},First Class,Consumer,${region},ID-${index},${category},${name},${sales},${quantity},${discount},1`;
      }),
    ),
  );
  return fileOf('superstore.csv', [header, ...lines]);
}

/** No more than a data set needs. */
function bare(): string {
  const lines = linesOfDays((day, date) =>
    ['Harbour', 'Market'].flatMap((store, index) =>
      ['Bread', 'Milk'].map((product, place) => {
        const units = 20 + ((day + index + place) % 7);
        return `${date.toISOString().slice(0, 10)},${store},${product},${units},${1.5 + place}`;
      }),
    ),
  );
  return fileOf('bare.csv', ['Date,Store,Product,Units,Price', ...lines]);
}

/** In the public form of Corporación Favorita's training file, written for this test: promotions, but no discounts and no stock. */
function favorita(): string {
  const lines = Array.from({ length: PROMOTED_DAYS }, (_, day) => {
    const date = new Date(Date.UTC(2017, 0, 1 + day)).toISOString().slice(0, 10);
    return ['DAIRY', 'MEATS'].map((family, index) => {
      const promoted = day % 3 === 0 ? 4 : 0;
      return `${2 * day + index},${date},44,${family},${40 + 10 * index + (day % 5) + 2 * promoted},${promoted}`;
    });
  });
  return fileOf('favorita.csv', ['id,date,store_nbr,family,sales,onpromotion', ...lines.flat()]);
}

const headings = (page: Page) => page.locator('#feed th').allTextContents();
const visibleTexts = (page: Page, text: RegExp) =>
  page.getByText(text).filter({ visible: true }).allTextContents();
const REVENUE_KEY = 'net revenue, less to more';
const calendarKey = async (page: Page) =>
  (await page.locator('.timeline-box .key li').allTextContents()).map((text) => text.trim());
const explore = (page: Page) => page.locator('#explore');

async function openTab(page: Page, name: string): Promise<void> {
  await explore(page).scrollIntoViewIfNeeded();
  await page.getByRole('tab', { name }).click();
}

describe('a page on a Superstore-like file', () => {
  const stage = pageFixture({ dataset: superstore(), datasetSettings: { profile: 'superstore' } });

  test('columns that the file lacks are hidden or called unknown, and those it has are shown', async () => {
    await stage.post(`/simulation/next-day?days=${DAYS}`);
    const page = await stage.openPage(TALL);
    await expectText(page, 'kpi-events', '6 / 6');
    await expectText(page, 'cells', /Furniture.*Technology/);
    await expectText(page, 'attention-day', /22 Jan 2016/);
    await expectText(
      page,
      'attention-unknown',
      'The data set has no stock levels (sold out, low cover) and no competitors’ prices (undercut).',
    );
    await eventuallyOnPage(async () => expect(await page.locator('#climate').isVisible()).toBe(false));
    await eventuallyOnPage(async () => expect(await calendarKey(page)).toEqual([REVENUE_KEY]));
    expect(await page.locator('#cells').isVisible()).toBe(true);
    expect(await page.locator('#kpi-discount').isVisible()).toBe(true);
    expect(await headings(page)).toEqual([
      ...['Id', 'Date', 'Store', 'Product', 'Category', 'Units', 'List price', 'Off', 'Price', 'Net'],
    ]);
    await eventuallyOnPage(async () =>
      expect(await visibleTexts(page, /Nothing needs attention|NaN|undefined|null|[€$£]/)).toEqual([]),
    );
    await openTab(page, 'Promotion');
    await eventuallyOnPage(async () =>
      expect(await page.getByRole('tabpanel').textContent()).toMatch(/Projected/),
    );
    // Without a single promotion there is nothing to compare with.
    expect(await page.getByRole('tabpanel').textContent()).toMatch(/no sale is known to have been promoted/);
    await eventuallyOnPage(async () =>
      expect(await visibleTexts(page, /100.0 %|with promotion/)).toEqual([]),
    );
    await saveScreenshot(page, 'superstore');
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 1_440 });
      await page.evaluate(() => scrollTo(0, 0));
      await saveScreenshot(page, `superstore-${width}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    expect(stage.errors).toEqual([]);
  });
});

describe('a page on a file with promotions alone', () => {
  const stage = pageFixture({ dataset: favorita(), datasetSettings: { profile: 'favorita' } });

  test('a promotion’s effect is shown without any discount, and no order is asked for without stock', async () => {
    await stage.post(`/simulation/next-day?days=${PROMOTED_DAYS}`);
    const page = await stage.openPage(TALL);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await expectText(page, 'kpi-events', '2 / 2');
    await expectText(page, 'attention-unknown', /no stock levels/);
    await openTab(page, 'Promotion');
    const panel = page.getByRole('tabpanel');
    await eventuallyOnPage(async () => expect(await panel.textContent()).toMatch(/Effect of a promotion/));
    expect(
      await panel
        .getByText(/discount|projected|net revenue/i)
        .filter({ visible: true })
        .count(),
    ).toBe(0);
    expect(await panel.getByRole('slider').count()).toBe(0);
    await saveScreenshot(page, 'favorita');
    expect(asked).not.toContain('/replenishment');
    expect(stage.errors).toEqual([]);
  });
});

describe('a page on a file of date, store, product, units and price', () => {
  const stage = pageFixture({ dataset: bare() });

  test('no discount, category, region, weather, stock or promotion is shown, and each absence says why', async () => {
    const page = await stage.openPage(TALL);
    // Known before the first day.
    await eventuallyOnPage(async () =>
      expect(await headings(page)).toEqual(['Id', 'Date', 'Store', 'Product', 'Units', 'Price', 'Net']),
    );
    await stage.post(`/simulation/next-day?days=${DAYS}`);
    await expectText(page, 'kpi-events', '4 / 4');
    await expectText(page, 'attention-day', /22 Jan 2016/);
    for (const id of ['kpi-discount', 'cells', 'climate']) {
      expect(await page.locator(`#${id}`).isVisible()).toBe(false);
    }
    await expectText(page, 'empty-state', /Net revenue/);
    await eventuallyOnPage(async () =>
      expect(await visibleTexts(page, /discount|loading the sales/i)).toEqual([]),
    );
    await openTab(page, 'Promotion');
    await eventuallyOnPage(async () =>
      expect(await page.getByRole('tabpanel').textContent()).toMatch(/neither promotions nor discounts/),
    );
    expect(await explore(page).getByRole('alert').isVisible()).toBe(false);
    await saveScreenshot(page, 'bare');
    expect(stage.errors).toEqual([]);
  });
});
