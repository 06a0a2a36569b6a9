import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  dayOf,
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
} from '../support/page-fixture.ts';

/** As high as the page, so that every chart is drawn. */
const SIZES = [
  { width: 360, height: 3_400 },
  { width: 1280, height: 1_700 },
  { width: 2560, height: 1_440 },
];
const LOOKS: BrowserContextOptions[] = SIZES.flatMap((viewport) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ viewport, colorScheme })),
);

const stage = pageFixture({ days: 120, apiToken: 'open-sesame' });

/** Takes a picture of a page's current state in every size and theme. */
async function saveAllScreenshots(page: Page, state: string): Promise<void> {
  for (const { viewport, colorScheme } of LOOKS) {
    if (!viewport || !colorScheme) continue;
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    // Two frames: sizes are observed in the first, and charts drawn in the second.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    await saveScreenshot(page, `${state}-${viewport.width}-${colorScheme}`);
  }
}

async function enterToken(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.keyboard.press('Enter');
}

describe('each state of the page, with its pictures', () => {
  test('the page says that it is before the first day, needs a token, or was refused, with code and remedy', async () => {
    const page = await stage.openPage();
    await expectText(page, 'date', 'Before the first day');
    await expectText(page, 'empty-state', /Press Next day/);
    await saveAllScreenshots(page, 'before-the-first-day');

    await pressNextDay(page);
    await page.locator('#token-dialog').waitFor({ state: 'visible' });
    await saveAllScreenshots(page, 'token-needed');
    // No header could carry it.
    await enterToken(page, 'schlüssel');
    expect(await page.locator('#token-dialog').isVisible()).toBe(true);
    expect(await page.locator('#token:invalid').count()).toBe(1);
    await enterToken(page, 'wrong');
    await expectText(page, 'banner-code', 'unauthorized');
    await expectText(page, 'banner-remedy', /token/);
    await saveAllScreenshots(page, 'error');
    await page.getByRole('button', { name: 'Dismiss' }).click();

    await pressNextDay(page);
    await enterToken(page, 'open-sesame');
    await expectCompleteDay(page, 1);
    // The token is kept in the tab: the person isn't asked again.
    await page.reload();
    await expectCompleteDay(page, 1);
    await pressNextDay(page);
    await expectCompleteDay(page, 2);
    expect(await page.locator('#token-dialog').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Reset' }).click();
    await saveAllScreenshots(page, 'reset-dialog');
  });

  test('the page shows that it is playing', async () => {
    await stage.post('/simulation/next-day?days=20');
    const page = await stage.openPage();
    await expectCompleteDay(page, 20);
    await page.getByRole('radio', { name: '½ day per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await enterToken(page, 'open-sesame');
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThan(20));
    // The next click gets no answer, so that the run doesn't end while the pictures are taken.
    await page.route('**/simulation/next-day*', () => undefined);
    await saveAllScreenshots(page, 'playing');
    expect(await page.getByRole('button', { name: 'Pause', exact: true }).isVisible()).toBe(true);
  });

  test('the page says that a day is complete, the server is unreachable, sales were caught up with, or the run is complete', async () => {
    await stage.post('/simulation/next-day?days=110');
    const page = await stage.openPage();
    await expectText(page, 'day-of', 'day 110 of 120');
    await saveScreenshot(page, 'running-1280-light');
    await expectCompleteDay(page, 110);
    await eventuallyOnPage(async () =>
      expect(await page.locator('#climate .cell').count()).toBeGreaterThan(0),
    );
    await saveAllScreenshots(page, 'day-complete');

    await stage.system.restart(async () => {
      await expectText(page, 'connection-text', /^Server unreachable, retrying in \d+ s$/);
      await saveAllScreenshots(page, 'server-away');
    });
    const other = await stage.openPage();
    await stage.post('/simulation/next-day?days=3');
    await expectCompleteDay(other, 113);
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 1_000 })
      .catch(() => {});
    await expectCompleteDay(page, 113);
    await expectText(page, 'connection-text', 'Live');

    await stage.post('/simulation/next-day?days=100');
    await expectText(page, 'empty-state-figures', /Sales12,000/);
    await saveAllScreenshots(page, 'run-complete');
  });

  test('the page shows how many missed sales it caught up with after a disconnection', async () => {
    const page = await stage.openPage();
    await stage.post('/simulation/next-day');
    await expectCompleteDay(page, 1);
    await page.context().setOffline(true);
    await stage.system.restart();
    await stage.post('/simulation/next-day?days=3');
    const other = await stage.openPage();
    await expectCompleteDay(other, 4);
    // The text is shown for a few seconds only: the clock is stopped until the pictures are taken.
    await page.clock.setFixedTime(await page.evaluate(() => Date.now()));
    await page.context().setOffline(false);
    await expectText(page, 'connection-text', 'Live · caught up, +300 sales');
    await saveAllScreenshots(page, 'caught-up');
    await expectCompleteDay(page, 4);
  });
});
