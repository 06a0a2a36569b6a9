import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { expectCompleteDay, expectText, pageFixture, pressNextDay } from '../support/page-fixture.ts';

const TALL = { viewport: { width: 1280, height: 1_800 } };
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
