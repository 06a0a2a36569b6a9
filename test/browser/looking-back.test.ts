import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cellOf } from '../support/calendar-cells.ts';
import { fetchPatiently } from '../support/http-client.ts';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectShown,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
  TALL,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });

/** Clicks a day of the calendar. @param day From 1. */
async function clickDay(page: Page, day: number, totalDays = 60): Promise<void> {
  const { x, y } = await cellOf(page, day, totalDays);
  await page.mouse.click(x, y);
}

const netOf = async (day: number): Promise<string> => {
  const response = await fetch(`${stage.system.url}/sales/summary?day=${day}`);
  const { groups } = await response.json();
  return new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 }).format(groups[0].net_revenue);
};

describe('a past day', () => {
  test('a click on a past day shows it while the run goes on, and Escape returns', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 40);
    await clickDay(page, 10);
    await expectText(page, 'looking-back', /Viewing Mon 10 Jan 2022 · live is day 40/);
    await expectText(page, 'day-of', 'day 10 of 60');
    await eventuallyOnPage(async () => expect(await textOf(page, 'kpi-revenue')).toBe(await netOf(10)));
    await expectText(page, 'feed', /10 Jan/);
    await expectText(page, 'feed-title', /^Sales of day 10$/);
    await expectText(page, 'kpi-product', /^P\d+/);
    await eventuallyOnPage(() => expect(page.url()).toMatch(/\?day=10$/));
    await eventuallyOnPage(async () =>
      expect(await page.title()).toBe('Mon 10 Jan 2022 · Retail Time Machine'),
    );
    await expectText(page, 'attention-day', 'Mon 10 Jan 2022');
    await saveScreenshot(page, 'looking-back');

    await stage.post('/simulation/next-day');
    await expectText(page, 'looking-back', /live is day 41/);
    expect(await textOf(page, 'day-of')).toBe('day 10 of 60');

    await page.keyboard.press('Escape');
    await expectCompleteDay(page, 41);
    await eventuallyOnPage(() => expect(new URL(page.url()).search).toBe(''));
    await expectShown(page, 'looking-back', false);
    await page.goBack();
    await expectText(page, 'day-of', 'day 10 of 60');
    expect(stage.errors).toEqual([]);
  });

  test('the triangles beside the date, and their keys, step through past days and back to the run', async () => {
    await stage.post('/simulation/next-day?days=5');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 5);
    const [before, after] = [page.locator('#day-before'), page.locator('#day-after')];
    expect(await after.getAttribute('aria-disabled')).toBe('true');
    await before.click();
    await expectText(page, 'day-of', 'day 4 of 60');
    await page.keyboard.press(',');
    await expectText(page, 'day-of', 'day 3 of 60');
    expect(new URL(page.url()).search).toBe('?day=3');
    await page.keyboard.press('.');
    await expectText(page, 'day-of', 'day 4 of 60');
    // The day after the last past one is the run itself.
    await after.click();
    await expectCompleteDay(page, 5);
    expect(new URL(page.url()).search).toBe('');
    await page.goto(`${stage.system.url}/stream/live?day=1`);
    await expectText(page, 'day-of', 'day 1 of 60');
    await eventuallyOnPage(async () => expect(await before.getAttribute('aria-disabled')).toBe('true'));
    // However many steps were made, Back leads out of the past.
    await page.goBack();
    await expectCompleteDay(page, 5);
    expect(stage.errors).toEqual([]);
  });

  test('the address of a past day can be opened while another window plays', async () => {
    await stage.post('/simulation/next-day?days=20');
    const player = await stage.openPage();
    await expectCompleteDay(player, 20);
    const page = await stage.openPage({ ...TALL, search: '?day=5&tab=price&store_id=S002&product_id=P0003' });
    await expectText(page, 'day-of', 'day 5 of 60');
    await eventuallyOnPage(async () => expect(await textOf(page, 'kpi-revenue')).toBe(await netOf(5)));
    await pressNextDay(player);
    await expectText(page, 'looking-back', /live is day 21/);
    expect(await textOf(page, 'kpi-revenue')).toBe(await netOf(5));
    await page.locator('#explore').scrollIntoViewIfNeeded();
    await eventuallyOnPage(async () => {
      expect(await page.locator('#explore-store').inputValue()).toBe('S002');
      expect(await page.locator('#explore-product').inputValue()).toBe('P0003');
    });
    await page.locator('#explore-tab-price[aria-selected="true"]').waitFor();
    await page.reload();
    await expectText(page, 'day-of', 'day 5 of 60');
  });

  test('a day that has not been played yet is named, and the page follows the run', async () => {
    await stage.post('/simulation/next-day?days=3');
    const page = await stage.openPage({ search: '?day=30' });
    await expectCompleteDay(page, 3);
    await expectText(page, 'looking-back', /Day 30 has not been played yet/);
    await page.getByRole('button', { name: 'Return' }).click();
    await expectShown(page, 'looking-back', false);
  });

  test('a day far ahead is travelled to only after a question, a near one at once', async () => {
    const page = await stage.openPage();
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await clickDay(page, 30);
    await expectText(page, 'travel-dialog', /Advance 29 days\?/);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await clickDay(page, 5);
    await expectCompleteDay(page, 5);
    await clickDay(page, 30);
    await page.getByRole('button', { name: 'Advance', exact: true }).click();
    await expectCompleteDay(page, 30);
  });
});

describe('what needs attention, and the proof', () => {
  test('what needs attention is listed with its reason, and leads into Explore', async () => {
    await stage.post('/simulation/next-day?days=59');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 59);
    // The list of an earlier day may stand there until the last day's is read.
    await expectText(page, 'attention-day', 'Mon 28 Feb 2022');
    await expectText(page, 'attention', /Low cover/);
    const expected = await (await fetchPatiently(`${stage.system.url}/insights?day=59&limit=8`)).json();
    await eventuallyOnPage(async () =>
      expect(await page.locator('#attention li[data-severity]').count()).toBe(expected.insights.length),
    );
    const line = page.locator('#attention li', { hasText: 'Undercut' }).first();
    const [undercut] = expected.insights.filter(({ kind }: { kind: string }) => kind === 'undercut');
    if (undercut) {
      await line.getByRole('link').click();
      await eventuallyOnPage(async () =>
        expect(await page.locator('#explore-product').inputValue()).toBe(undercut.product_id),
      );
      // The focus moves along, as with any link into the page.
      await eventuallyOnPage(async () =>
        expect(await page.locator('#explore [role="tabpanel"]:focus').count()).toBe(1),
      );
    }
    await saveScreenshot(page, 'attention');
    expect(stage.errors).toEqual([]);
  });

  test('a warning tells the cover and what to order, the week before is looked at too, and all orders can be saved', async () => {
    await stage.post('/simulation/next-day?days=59');
    const page = await stage.openPage(TALL);
    await expectText(page, 'attention-day', 'Mon 28 Feb 2022');
    const read = async (path: string) => (await fetchPatiently(stage.system.url + path)).json();
    const { insights } = await read('/insights?day=59&limit=40&days=7&ahead=3');
    const { items } = await read('/replenishment?day=59');
    const low = insights.find(({ kind }: { kind: string }) => kind === 'low_cover');
    const order = items.find(
      (item: { store_id: string; product_id: string }) =>
        item.store_id === low.store_id && item.product_id === low.product_id,
    );
    const line = page.locator('#attention li', { hasText: `Low cover ${low.store_id} ${low.product_id}` });
    const shown = `${low.value.toFixed(1)} days left order ${order.order_quantity}`;
    await eventuallyOnPage(async () =>
      expect((await line.locator('.order').textContent())?.trim()).toBe(shown),
    );
    const earlier = insights.filter(
      ({ kind, day }: { kind: string; day: number }) => kind === 'stock_out' && day < 59,
    );
    expect(earlier.length).toBeGreaterThan(0);
    await expectText(page, 'attention', new RegExp(`Feb: ${earlier[0].reason.slice(0, 20)}`));
    // A kind that is less severe isn't hidden by many that are more.
    await expectText(page, 'attention', /Undercut/);

    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Orders (CSV)' }).first().click();
    const file = await (await download).path();
    const rows = readFileSync(file, 'utf8').replace('\uFEFF', '').trimEnd().split('\r\n');
    expect(rows).toHaveLength(items.length + 1);
    expect(rows[0]).toMatch(/^date,store_id,product_id,order_quantity,on_hand,on_order,days_of_cover,/);
    expect(rows).toContainEqual(
      expect.stringContaining(
        `2022-02-28,${order.store_id},${order.product_id},${order.order_quantity},${order.on_hand},${order.on_order},`,
      ),
    );
    expect(stage.errors).toEqual([]);
  });

  test('the day’s sold-out sales and lost units are a key figure, and those of a past day when it is looked at', async () => {
    await stage.post('/simulation/next-day?days=59');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 59);
    const response = await fetchPatiently(`${stage.system.url}/sales/summary?by=day_index`);
    const { groups } = await response.json();
    const soldOut = groups.find(
      ({ lost_units, stock_outs }: { lost_units: number; stock_outs: number }) =>
        stock_outs > 0 && lost_units >= 1.5,
    );
    await page.goto(`${stage.system.url}/stream/live?day=${Number(soldOut.group) + 1}`);
    await expectText(page, 'kpi-sold-out', String(soldOut.stock_outs));
    await expectText(page, 'kpi-sold-out-note', `≈ ${Math.round(soldOut.lost_units)} units lost`);
    await page.keyboard.press('Escape');
    const newest = groups.at(-1).stock_outs;
    await expectText(page, 'day-of', 'day 59 of 60');
    await eventuallyOnPage(async () => expect(await textOf(page, 'kpi-sold-out')).toBe(String(newest)));
  });

  test('the proof counts every published sale, and nothing lost or doubled', async () => {
    await stage.post('/simulation/next-day?days=12');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 12);
    await page.locator('#resilience').scrollIntoViewIfNeeded();
    await expectText(page, 'proof-published', '1,200');
    await expectText(page, 'proof-stored', '1,200');
    await expectText(page, 'proof-lost', '0');
    await expectText(page, 'proof-doubled', '0');
    // This host breaks nothing.
    expect(await page.locator('.faults').count()).toBe(0);
    await saveScreenshot(page, 'proof');
    expect(stage.errors).toEqual([]);
  });
});
