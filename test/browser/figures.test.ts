import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { storedSale } from '../support/live-world.ts';
import { contentsInDatabase, contentsOnPage } from '../support/page-contents.ts';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
  TALL,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 40 });

async function expectDatabaseFigures(page: Page): Promise<void> {
  const stored = await contentsInDatabase(stage.system.pool);
  // The product whose prices are shown is the one that led when the page was opened.
  await page.locator('#price-product').selectOption(/of (\S+),/.exec(stored.priceChart)?.[1] ?? '');
  await eventuallyOnPage(async () => expect(await contentsOnPage(page)).toEqual(stored));
}

describe('every figure on the page', () => {
  test('every figure equals the database after three days that the page has watched', async () => {
    const page = await stage.openPage(TALL);
    for (const day of [1, 2, 3]) {
      await pressNextDay(page);
      await expectCompleteDay(page, day);
    }
    await expectDatabaseFigures(page);
    // There is no same weekday a week earlier yet.
    await expectText(page, 'kpi-revenue-note', /^\u00a0$/);
    await expectText(page, 'summary-title', /^Day summary · Mon 3 Jan 2022, day 3$/);
    await expectText(page, 'trace-total', /^[\d,]+ ms$/);
    await expectText(page, 'connection-text', /^Live$/);
    await saveScreenshot(page, 'three-days');
  });

  test('every figure covers the whole run on a page opened in its middle, and still does as the run continues', async () => {
    await stage.post('/simulation/next-day?days=20');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 20);
    await expectDatabaseFigures(page);
    await expectText(page, 'kpi-units-note', /^([▲▼] (< )?[\d.]+ % vs|= same as) last Thu$/);
    await pressNextDay(page);
    await expectCompleteDay(page, 21);
    await expectDatabaseFigures(page);
  });

  test('the figures disappear after a reset, and are those of the new run once it has begun', async () => {
    const page = await stage.openPage(TALL);
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await stage.post('/simulation/reset');
    await expectText(page, 'date', 'Before the first day');
    await expectText(page, 'stores', /Appears with the sales/);
    await expectText(page, 'climate', /Averages appear after/);
    await eventuallyOnPage(async () =>
      expect(await page.locator('#price-chart canvas').isVisible()).toBe(false),
    );
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await expectDatabaseFigures(page);
  });

  test('the figures disappear after a reset even if the last request for them failed', async () => {
    const page = await stage.openPage(TALL);
    await pressNextDay(page);
    const failed = page.waitForEvent('requestfailed');
    await page.route('**/sales/summary?by=day_index&then_by=weather*', (route) => route.abort());
    await pressNextDay(page);
    await failed;
    await stage.post('/simulation/reset');
    await expectText(page, 'date', 'Before the first day');
    await expectText(page, 'climate', /Averages appear after/);
  });

  test('the figures are dashes while the first day of a new run is under way', async () => {
    const page = await stage.openPage(TALL);
    const sale = storedSale({ day_total: 1 });
    const { current_day, ...status } = await (await fetch(`${stage.system.url}/simulation/status`)).json();
    const begun = { ...status, current_day: '2022-01-01', day_index: 0, day_total: 100, is_running: true };
    const streams = [
      `id: 1\ndata: ${JSON.stringify(sale)}\n\n`,
      `event: reset\ndata: {}\n\nevent: status\ndata: ${JSON.stringify(begun)}\n\n`,
    ];
    await page.route('**/stream/events*', (route) => {
      const body = streams.shift();
      return body === undefined ? route.abort() : route.fulfill({ contentType: 'text/event-stream', body });
    });
    await page.reload();
    await expectText(page, 'progress-text', '0 of 100 sales');
    expect(await page.locator('#summary').isVisible()).toBe(true);
    for (const figure of ['revenue', 'units', 'forecast', 'events', 'discount', 'product']) {
      await expectText(page, `kpi-${figure}`, /^–$/);
    }
  });

  test('totals of the run are left out until the days before the page was opened are known', async () => {
    await stage.post('/simulation/next-day?days=3');
    const page = await stage.openPage({ ...TALL, fails: '**/sales/{summary?by=store,ranking}*' });
    await expectCompleteDay(page, 3);
    for (const table of ['stores', 'products', 'cells']) {
      await expectText(page, table, /Loading the sales so far/);
    }
    await page.unrouteAll();
    await expectDatabaseFigures(page);
  });
});

describe('the room of the figures', () => {
  test('no figure, no note below one and no name that needs attention is cut off at any width, on any day', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 40);
    const notes = new Set<string>();
    for (const width of [360, 1_280, 1_720, 2_560]) {
      await page.goto(`${stage.system.url}/stream/live`);
      await page.setViewportSize({ width, height: 2_400 });
      await expectCompleteDay(page, 40);
      await expectText(page, 'attention', /order \d/);
      for (let day = 40; day > 28; day -= 1) {
        await expectText(page, 'day-of', `day ${day} of 40`);
        await expectText(page, 'kpi-forecast', /%/);
        await expectText(page, 'kpi-sold-out', /\d/);
        const cut = await page
          .locator('.kpi b, .note, #attention-day, .attention li > a')
          .evaluateAll((all) =>
            all.flatMap(({ clientWidth, scrollWidth, textContent }) =>
              scrollWidth > clientWidth ? [textContent] : [],
            ),
          );
        expect(cut, `${width} px, day ${day}`).toEqual([]);
        notes.add((await textOf(page, 'kpi-discount-note')).slice(0, 6));
        await page.keyboard.press(',');
      }
    }
    expect([...notes]).toContain('= same');
    expect(stage.errors).toEqual([]);
  });
});

describe('the days that are charted', () => {
  test('the charted days can be chosen by a preset, and on the brush by keyboard and by dragging', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 40);
    const days = () => page.locator('#days-chart canvas').getAttribute('aria-label');
    const expectDays = (count: number) =>
      eventuallyOnPage(async () => expect(await days()).toMatch(`Line chart of ${count} days`));
    await expectDays(40);
    await page.getByRole('radio', { name: '30 days' }).check();
    await expectDays(30);
    await page.getByRole('slider', { name: 'First day shown' }).focus();
    await page.keyboard.press('ArrowRight');
    await expectDays(29);
    await page.keyboard.press('Home');
    await expectDays(40);
    const box = await page.locator('#brush').boundingBox();
    if (!box) throw new Error('The brush has no box.');
    await page.mouse.move(box.x + box.width * 0.2501, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.49, box.y + 10);
    await page.mouse.up();
    await expectDays(10);
    expect(await textOf(page, 'day-of')).toBe('day 40 of 40');

    // A fixed range of one run is meaningless in the next.
    await stage.post('/simulation/reset');
    await expectText(page, 'date', 'Before the first day');
    await eventuallyOnPage(async () =>
      expect(await page.getByRole('radio', { name: '90' }).isChecked()).toBe(true),
    );
  });
});
