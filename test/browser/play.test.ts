import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { select } from '../../shared/mysql/connection.ts';
import { cellOf } from '../support/calendar-cells.ts';
import {
  dayOf,
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
  textOf,
  waitUntilReady,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });
const button = { name: 'Reset' };
const ROUNDS = 20;

async function storedSales(): Promise<number> {
  const newest = '(SELECT run_id FROM kafka_events ORDER BY id DESC LIMIT 1)';
  const sql = `SELECT COUNT(*) AS sales FROM kafka_events WHERE run_id = ${newest}`;
  const [row] = await select<{ sales: number }>(stage.system.pool, sql, []);
  return row?.sales ?? 0;
}

describe('playback', () => {
  test('playback continues by itself at an adjustable speed until it is paused', async () => {
    const page = await stage.openPage();
    await expectText(page, 'connection-text', 'Live');
    let clicks = 0;
    page.on('request', (request) => {
      if (request.url().includes('/simulation/next-day')) clicks += 1;
    });
    await page.getByRole('radio', { name: '5 days per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(5));
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    // A click that was under way when the button was pressed still counts.
    await eventuallyOnPage(async () => {
      const status = await fetch(`${stage.system.url}/simulation/status`);
      const { day_index } = (await status.json()) as { day_index: number };
      expect(await dayOf(page)).toBe(day_index + 1);
      expect(await textOf(page, 'progress-text')).toMatch('100 of 100 sales');
    });
    expect(await page.locator('#banner').isVisible()).toBe(false);
    const before = clicks;
    // By the page's own clock, for several clicks of that speed.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    expect(clicks).toBe(before);
    expect(await dayOf(page), 'days are left').toBeLessThan(60);
  });

  test('playback ends with the last day, and the page shows the totals of the run', async () => {
    await stage.post('/simulation/next-day?days=55');
    const page = await stage.openPage();
    await expectCompleteDay(page, 55);
    await page.getByRole('radio', { name: '10 days per second' }).check();
    await page.getByRole('button', { name: 'Play' }).focus();
    await page.keyboard.press(' ');
    await expectCompleteDay(page, 60);
    await expectText(page, 'empty-state', /All 60 days have been played/);
    await expectText(page, 'empty-state-figures', /Sales6,000/);
    // One click too many would be refused.
    expect(stage.errors).toEqual([]);
    expect(await page.getByRole('button', { name: 'Play' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Next day' }).isDisabled()).toBe(true);
    // A person who plays by keyboard keeps the focus, and there the key does nothing.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('play');
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowRight');
    expect(await textOf(page, 'play-text')).toBe('Play');
    expect(await page.locator('#banner').isVisible()).toBe(false);
  });

  test('playback continues after a restart of the server, and no sale is missing', async () => {
    const page = await stage.openPage();
    await expectText(page, 'connection-text', 'Live');
    await page.getByRole('radio', { name: '5 days per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(3));
    let before = 0;
    await stage.system.restart(async () => {
      await expectText(page, 'connection-text', /retrying in \d+ s|Connecting/);
      before = await dayOf(page);
    });
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThan(before + 2));
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await eventuallyOnPage(async () => {
      const day = await dayOf(page);
      expect(await storedSales()).toBe(day * 100);
      expect(await page.locator('#days-chart canvas').getAttribute('aria-label')).toMatch(
        new RegExp(`^Line chart of ${day} days from Sat 1 Jan 2022`),
      );
    });
    expect(await page.locator('#banner').isVisible()).toBe(false);
  });
});

describe('the keys', () => {
  test('keys play, step and reset from anywhere on the page, and are listed in the help', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    await page.keyboard.press('ArrowRight');
    await expectCompleteDay(page, 1);
    await page.keyboard.press('?');
    await saveScreenshot(page, 'help');
    expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true);
    // While a dialog is open, no key plays.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Escape');
    await page.keyboard.press(' ');
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(2));
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await page.keyboard.press('r');
    await page.locator('#reset-dialog').getByRole('button', button).click();
    await expectText(page, 'date', 'Before the first day');
  });

  test('keys move along the calendar, and to its end', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    const calendar = page.getByRole('slider', { name: 'Days of the calendar' });
    await calendar.focus();
    await page.keyboard.press('End');
    // The data set tells the dates before any day was played.
    await eventuallyOnPage(async () =>
      expect(await calendar.getAttribute('aria-valuetext')).toBe('Tue 1 Mar 2022 · day 60: advance 60 days'),
    );
    await page.keyboard.press('Enter');
    await confirmJourney(page);
    await expectCompleteDay(page, 60);
  });
});

/** A journey of more than a week is asked about first. */
function confirmJourney(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Advance', exact: true }).click();
}

describe('a cancelled dialog', () => {
  test('a dialog that is cancelled many times leaks nothing', async () => {
    const page = await stage.openPage();
    await waitUntilReady(page);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const listeners = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'JSEventListeners')?.value ?? Number.NaN;
    };
    const giveUp = async () => {
      await page.keyboard.press('r');
      await page.locator('#reset-dialog').waitFor({ state: 'visible' });
      await page.keyboard.press('Escape');
      await page.locator('#reset-dialog').waitFor({ state: 'hidden' });
    };
    await giveUp();
    // A leak repeats. Panels that are filled while the page rests add theirs once, and a few come and go.
    await eventuallyOnPage(async () => {
      const before = await listeners();
      for (let round = 0; round < ROUNDS; round += 1) await giveUp();
      expect((await listeners()) - before).toBeLessThan(ROUNDS / 2);
    });
  });
});

describe('a finger on the calendar', () => {
  test('tapping a day on the calendar advances to it', async () => {
    const page = await stage.openPage({
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await waitUntilReady(page);
    const { x, y } = await cellOf(page, 30, 60);
    await page.touchscreen.tap(x, y);
    await confirmJourney(page);
    await expectCompleteDay(page, 30);
  });
});

describe('two browsers', () => {
  test('two browsers show the same day, from whichever it was played, also after a confirmed reset', async () => {
    const [one, other] = [await stage.openPage(), await stage.openPage()];
    await Promise.all([one, other].map((page) => expectText(page, 'connection-text', 'Live')));
    await pressNextDay(one);
    await pressNextDay(other);
    await Promise.all([expectCompleteDay(one, 2), expectCompleteDay(other, 2)]);
    expect(await textOf(one, 'kpi-revenue')).toBe(await textOf(other, 'kpi-revenue'));

    await one.getByRole('button', button).click();
    await one.getByRole('button', { name: 'Cancel' }).click();
    await expectCompleteDay(one, 2);
    await other.getByRole('button', button).click();
    await other.locator('#reset-dialog').getByRole('button', button).click();
    await Promise.all([one, other].map((page) => expectText(page, 'date', 'Before the first day')));
    await Promise.all([one, other].map((page) => expectText(page, 'feed', /Each sale appears here/)));
    await pressNextDay(one);
    await Promise.all([expectCompleteDay(one, 1), expectCompleteDay(other, 1)]);
  });
});
