import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { select } from '../../shared/mysql/connection.ts';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 30 });

async function feedIds(page: Page): Promise<number[]> {
  const rows = page.locator('#feed tbody tr:not(.gap) td:first-child');
  return (await rows.allTextContents()).map(Number);
}

async function newestIds(limit: number, where = 'TRUE'): Promise<number[]> {
  const sql = `SELECT id FROM kafka_events WHERE ${where} ORDER BY id DESC LIMIT ${limit}`;
  return (await select<{ id: number }>(stage.system.pool, sql, [])).map(({ id }) => id);
}

describe('the live feed', () => {
  test('the feed has a row for each sale, the newest on top, and draws only those in sight', async () => {
    const page = await stage.openPage();
    await expectText(page, 'connection-text', 'Live');
    await stage.post('/simulation/next-day?days=10');
    await expectCompleteDay(page, 10);
    await eventuallyOnPage(async () => {
      const ids = await feedIds(page);
      expect(ids.length).toBeGreaterThan(5);
      expect(ids.length).toBeLessThan(60);
      expect(ids).toEqual(await newestIds(ids.length));
    });

    await page.locator('#feed-scroll').evaluate((scroll) => scroll.scrollTo(0, scroll.scrollHeight));
    const oldest = (await newestIds(1_000)).at(-1);
    await eventuallyOnPage(async () => expect((await feedIds(page)).at(-1)).toBe(oldest));
    expect((await feedIds(page)).length).toBeLessThan(60);
  });

  test('the feed can be filtered by store and product', async () => {
    // A page that is opened later has only the sales of the current day.
    const page = await stage.openPage();
    await expectText(page, 'connection-text', 'Live');
    await stage.post('/simulation/next-day?days=10');
    await expectCompleteDay(page, 10);
    await page.getByLabel('Filter by store').selectOption('S002');
    await eventuallyOnPage(async () => {
      const ids = await feedIds(page);
      expect(ids.length).toBeGreaterThan(5);
      expect(ids).toEqual(await newestIds(ids.length, "store_id = 'S002'"));
    });
    await page.getByLabel('Filter by product').selectOption('P0004');
    await eventuallyOnPage(async () => {
      const ids = await feedIds(page);
      expect(ids.length).toBeGreaterThan(5);
      expect(ids).toEqual(await newestIds(ids.length, "store_id = 'S002' AND product_id = 'P0004'"));
    });
  });

  test('the feed pauses while somebody reads, and counts the sales that have arrived since', async () => {
    const page = await stage.openPage();
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await page.locator('#feed-scroll').hover();
    await expectText(page, 'feed-state', 'Paused · 0 new');
    const before = await feedIds(page);
    await page.keyboard.press('ArrowRight');
    await expectCompleteDay(page, 2);
    await expectText(page, 'feed-state', 'Paused · 100 new');
    expect(await feedIds(page)).toEqual(before);
    await page.mouse.move(5, 5);
    await eventuallyOnPage(async () => expect((await feedIds(page))[0]).toBe((await newestIds(1))[0]));
    await eventuallyOnPage(async () => expect(await textOf(page, 'feed-state')).toBe(''));

    await page.getByRole('button', { name: 'Pause feed' }).click();
    await page.mouse.move(5, 5);
    await expectText(page, 'feed-state', 'Paused · 0 new');

    // Only sales that the filter lets through count.
    await page.getByLabel('Filter by store').selectOption('S002');
    await pressNextDay(page);
    await expectCompleteDay(page, 3);
    await expectText(page, 'feed-state', 'Paused · 20 new');
  });

  test('the feed is collapsed on a small screen, and can be opened', async () => {
    const page = await stage.openPage({ viewport: { width: 360, height: 740 } });
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    expect(await page.locator('#feed').isVisible()).toBe(false);
    await page.getByText('Live sales').click();
    await page.locator('#feed').waitFor();
    await eventuallyOnPage(async () => expect((await feedIds(page)).length).toBeGreaterThan(5));
  });
});
