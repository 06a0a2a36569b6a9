import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
} from '../support/page-fixture.ts';

const TALL = { viewport: { width: 1280, height: 1_800 } };
const WIDTHS = [360, 900, 1_280, 1_720, 2_560];
const integer = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** Identity, net revenue and units of the rows of a table. */
function shownRows(page: Page, id: string): Promise<string[][]> {
  return page
    .locator(`#${id} tbody tr`)
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent ?? '')),
    );
}

interface RankedRow {
  readonly id: string;
  readonly net_revenue: number;
  readonly units: number;
}

async function rankedRows(url: string, day: number, by: 'stores' | 'products'): Promise<string[][]> {
  const answer = await (await fetch(`${url}/sales/ranking?day=${day}`)).json();
  return answer[by].map(({ id, net_revenue, units }: RankedRow) => [
    id,
    integer.format(net_revenue),
    integer.format(units),
  ]);
}

describe('the rankings', () => {
  const stage = pageFixture({ days: 60 });

  test('the rankings are those of the newest complete day, or of the past day that is looked at', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 40);
    await expectText(page, 'stores-day', 'Wed 9 Feb 2022');
    await expectText(page, 'climate', /n \d+/);
    for (const by of ['stores', 'products'] as const) {
      expect(await shownRows(page, by)).toEqual(await rankedRows(stage.system.url, 40, by));
    }
    // A list that ends before its last product says so; one that is complete says nothing.
    expect(await page.locator('.products .caption').textContent()).toBe('The first 16 of 20');
    expect(await page.locator('.stores .caption').count()).toBe(0);
    await pressNextDay(page);
    await expectText(page, 'products-day', 'Thu 10 Feb 2022');
    expect(await shownRows(page, 'products')).toEqual(await rankedRows(stage.system.url, 41, 'products'));

    const past = await stage.openPage({ ...TALL, search: '?day=20' });
    await expectText(past, 'stores-day', 'Thu 20 Jan 2022');
    for (const by of ['stores', 'products'] as const) {
      expect(await shownRows(past, by)).toEqual(await rankedRows(stage.system.url, 20, by));
    }
    await stage.post('/simulation/reset');
    await expectText(page, 'stores', /Appears with the sales/);
    expect(stage.errors).toEqual([]);
  });
});

const LONG = [
  'Organic wholegrain sourdough bread, sliced, family size, 750 g',
  'Sparkling mineral water, 12 bottles',
  'Tea',
];

/** Few stores and products, with long names; one of them sells out on the last day. */
function longNames(): string {
  const header =
    'Date,Store ID,Product ID,Category,Region,Inventory Level,Units Sold,Price,Discount,Weather Condition,Holiday/Promotion';
  const lines = Array.from({ length: 30 }, (_, day) => {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    return ['Harbour Street Flagship Store', 'Old Market'].flatMap((store, place) =>
      LONG.map((product, index) => {
        const units = 30 + ((day * 3 + place + index) % 7);
        const stock = day === 29 && place + index === 0 ? units : 500;
        const weather = day % 3 === 0 ? 'Rainy' : 'Sunny';
        return `${date},${store},"${product}",Fresh food,"${store}",${stock},${units},1234.5,10,${weather},0`;
      }),
    );
  });
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'long-names-')), 'shop.csv');
  writeFileSync(file, `${[header, ...lines.flat()].join('\n')}\n`);
  return file;
}

/** What is cut off, and rows that are stretched. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const id of ['stores', 'products', 'cells', 'climate', 'feed-scroll']) {
      const element = document.querySelector(`#${id}`);
      const panel = element?.closest('.panel');
      if (!element || !panel) continue;
      const [inner, outer] = [element.getBoundingClientRect(), panel.getBoundingClientRect()];
      if (inner.right > outer.right || element.scrollWidth > element.clientWidth + 1)
        found.push(`${id} is cut off`);
      for (const row of element.querySelectorAll('tbody tr:not(.gap)')) {
        const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
        if (row.getBoundingClientRect().height > 4 * rem) found.push(`a row of ${id} is stretched`);
      }
    }
    if (document.documentElement.scrollWidth > innerWidth) {
      const wide = [...document.querySelectorAll('main *, header *, footer *')].filter(
        (each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1,
      );
      const names = wide.map(
        (each) => `${each.tagName} ${each.id} ${each.className} in ${each.closest('.panel')?.className}`,
      );
      found.push(`the page scrolls sideways: ${names.slice(0, 6).join('; ')}`);
    }
    return found;
  });
}

describe('the rankings of a shop with few products and long names', () => {
  const stage = pageFixture({ dataset: longNames() });

  test('rows of one to three names are neither stretched nor cut off, at any width, and a sold-out one is marked', async () => {
    await stage.post('/simulation/next-day?days=30');
    const page = await stage.openPage(TALL);
    await expectText(page, 'kpi-events', '6 / 6');
    await expectText(page, 'stores-day', 'Tue 30 Jan 2024');
    await expectText(page, 'climate', /Sunny/);
    expect(await page.locator('#stores .sold-out').allTextContents()).toEqual(['1']);
    expect(await page.locator('#products .sold-out').allTextContents()).toEqual(['1']);
    for (const width of WIDTHS) {
      for (const colorScheme of width === 1_280 ? (['light', 'dark'] as const) : (['light'] as const)) {
        await page.setViewportSize({ width, height: width < 800 ? 3_600 : 1_900 });
        await page.emulateMedia({ colorScheme });
        if (!(await page.locator('#feed').isVisible())) await page.locator('#feed-panel summary').click();
        await eventuallyOnPage(async () => expect(await misfits(page), `${width}`).toEqual([]));
        await saveScreenshot(page, `rankings-${width}-${colorScheme}`);
      }
    }
    expect(stage.errors).toEqual([]);
  });
});
