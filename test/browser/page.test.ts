import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { select } from '../../shared/mysql/connection.ts';
import { openBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type RunningSystem, startSystem } from '../support/system.ts';

const SCREENSHOTS = '.local/screenshots';

let browser: Browser;
let system: RunningSystem;
let context: BrowserContext;
/** What the pages of a test complained of, and the hosts they asked beside our own. */
let complaints: string[];
let strangers: string[];

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  [browser, system] = await Promise.all([openBrowser(), startSystem({ days: 40 })]);
}, 120_000);
afterAll(async () => {
  await Promise.all([browser?.close(), system?.stop()]);
});
beforeEach(async () => {
  complaints = [];
  strangers = [];
  await post('/simulation/reset');
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
});
afterEach(() => context.close());

async function post(path: string): Promise<void> {
  const response = await fetch(system.url + path, { method: 'POST' });
  expect(response.status).toBe(200);
}

async function openPage(url = system.url): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) strangers.push(request.url());
  });
  await page.goto(`${url}/stream/live`);
  return page;
}

const textOf = async (page: Page, id: string) => (await page.locator(`#${id}`).textContent()) ?? '';
const expectText = (page: Page, id: string, text: string | RegExp) =>
  eventually(async () => expect(await textOf(page, id)).toMatch(text));
const nextDay = (page: Page) => page.getByRole('button', { name: 'Next day' }).click();

/** Waits until a page shows a day with all its sales. */
async function expectWholeDay(page: Page, day: number): Promise<void> {
  await expectText(page, 'day-of', `day ${day} of 40`);
  await expectText(page, 'kpi-events', '100 / 100');
  await expectText(page, 'progress-text', '100 of 100 sales');
}

interface Sums {
  readonly units: number;
  readonly revenue: number;
  readonly top: string;
  readonly discounted: number;
}

/** What the database says of a day of the newest run. */
async function sumsOfDay(dayIndex: number): Promise<Sums> {
  const newestRun = '(SELECT run_id FROM kafka_events ORDER BY id DESC LIMIT 1)';
  const ofDay = `FROM kafka_events WHERE run_id = ${newestRun} AND day_index = ?`;
  const [sums] = await select<Omit<Sums, 'top'>>(
    system.pool,
    `SELECT SUM(units_sold) AS units, SUM(units_sold * price) AS revenue, SUM(discount > 0) AS discounted ${ofDay}`,
    [dayIndex],
  );
  const [top] = await select<{ product_id: string }>(
    system.pool,
    `SELECT product_id ${ofDay} GROUP BY product_id ORDER BY SUM(units_sold) DESC, product_id LIMIT 1`,
    [dayIndex],
  );
  return { units: 0, revenue: 0, discounted: 0, ...sums, top: top?.product_id ?? '' };
}

const whole = (value: number) => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 }).format(value);

describe('the page', () => {
  test('invites to the first day, and shows what it sold to the last unit', async () => {
    const page = await openPage();
    await expectText(page, 'date', 'Before the first day');
    await expectText(page, 'invitation', /Press Next day/);
    await page.screenshot({ path: `${SCREENSHOTS}/before-the-first-day.png` });

    await nextDay(page);
    await expectWholeDay(page, 1);
    expect(await textOf(page, 'date')).toBe('Sat 1 Jan 2022');
    const sums = await sumsOfDay(0);
    await expectText(page, 'kpi-revenue', whole(sums.revenue));
    await expectText(page, 'kpi-units', whole(sums.units));
    await expectText(page, 'kpi-promotions', `${sums.discounted} %`);
    await expectText(page, 'kpi-product', sums.top);
    expect(await page.locator('#invitation').isVisible()).toBe(false);
    await expectText(page, 'connection-text', /^Live · click to last sale [\d,]+ ms$/);
    await page.screenshot({ path: `${SCREENSHOTS}/first-day.png` });
  });

  test('has every sale of the days that are played while it is open, the newest on top', async () => {
    const page = await openPage();
    await expectText(page, 'connection-text', 'Live');
    for (let click = 0; click < 5; click += 1) await nextDay(page);
    await expectWholeDay(page, 5);
    const shown = await page.locator('#feed tbody tr td:first-child').allTextContents();
    const rows = await select<{ id: number }>(
      system.pool,
      'SELECT id FROM kafka_events ORDER BY id DESC LIMIT ?',
      [shown.length],
    );
    expect(shown.length).toBeGreaterThanOrEqual(100);
    expect(shown.map(Number)).toEqual(rows.map(({ id }) => id));
    const [before, now] = [await sumsOfDay(3), await sumsOfDay(4)];
    const change = Math.round((now.revenue / before.revenue - 1) * 100);
    await expectText(
      page,
      'kpi-revenue-note',
      change === 0 ? 'unchanged' : `${Math.abs(change)} % on the day before`,
    );
  });

  test('agrees with every other one, whoever pressed, also on a reset, which is asked about first', async () => {
    const [one, other] = [await openPage(), await openPage()];
    await expectText(other, 'connection-text', 'Live');
    await nextDay(one);
    await nextDay(other);
    await Promise.all([expectWholeDay(one, 2), expectWholeDay(other, 2)]);
    expect(await textOf(one, 'kpi-revenue')).toBe(await textOf(other, 'kpi-revenue'));

    await one.getByRole('button', { name: 'Reset' }).click();
    await one.screenshot({ path: `${SCREENSHOTS}/reset-dialog.png` });
    await one.getByRole('button', { name: 'Cancel' }).click();
    await expectWholeDay(one, 2);

    await other.getByRole('button', { name: 'Reset' }).click();
    await other.locator('#reset-dialog').getByRole('button', { name: 'Reset' }).click();
    for (const page of [one, other]) {
      await expectText(page, 'date', 'Before the first day');
      await eventually(async () => expect(await page.locator('#feed tbody tr').count()).toBe(0));
    }
    await nextDay(one);
    await Promise.all([expectWholeDay(one, 1), expectWholeDay(other, 1)]);
  });

  test('opened later shows the current day whole', async () => {
    await post('/simulation/next-day?days=3');
    const page = await openPage();
    await expectWholeDay(page, 3);
    await expectText(page, 'kpi-units', whole((await sumsOfDay(2)).units));
  });

  test('is worked by keyboard alone: a button, and the calendar to travel far ahead to the end', async () => {
    const page = await openPage();
    await expectText(page, 'connection-text', 'Live');
    await page.getByRole('slider', { name: 'Days of the calendar' }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expectWholeDay(page, 1);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('End');
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('Day 40: go 39 days ahead');
    await page.keyboard.press('Enter');
    await expectWholeDay(page, 40);
    await expectText(page, 'invitation', /All 40 days have been played/);
    expect(await page.getByRole('button', { name: 'Next day' }).isDisabled()).toBe(true);
    await page.screenshot({ path: `${SCREENSHOTS}/run-complete.png` });
  });

  test('asks nobody but this system, and breaks none of its own rules', async () => {
    const page = await openPage();
    await nextDay(page);
    await expectWholeDay(page, 1);
    expect(strangers).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('fits small and large screens, light and dark', async () => {
    const page = await openPage();
    await nextDay(page);
    await expectWholeDay(page, 1);
    for (const width of [360, 768, 1280, 2560]) {
      await page.setViewportSize({ width, height: Math.round(width * 0.6) + 300 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${SCREENSHOTS}/${width}-${colorScheme}.png` });
      }
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(beyond, `${width} px`).toBeLessThanOrEqual(0);
    }
  });
});

describe('when the server goes away', () => {
  test('the page says so, and goes on by itself without missing a sale', async () => {
    const page = await openPage();
    await nextDay(page);
    await expectWholeDay(page, 1);
    const restarted = system.restart();
    await expectText(page, 'connection-text', /next try in \d+ s|Connecting/);
    await page.screenshot({ path: `${SCREENSHOTS}/server-away.png` });
    await restarted;
    await post('/simulation/next-day');
    await expectWholeDay(page, 2);
    await expectText(page, 'connection-text', 'Live');
    const sums = await sumsOfDay(1);
    await expectText(page, 'kpi-revenue', whole(sums.revenue));
    await expectText(page, 'kpi-revenue-note', 'on the day before');
  });
});

describe('where a token is needed', () => {
  let guarded: RunningSystem;
  beforeAll(async () => {
    guarded = await startSystem({ apiToken: 'open-sesame', days: 3 });
  }, 120_000);
  afterAll(() => guarded?.stop());

  test('the page asks for it once, shows a refusal with its code and remedy, and keeps it in the tab', async () => {
    const page = await openPage(guarded.url);
    await expectText(page, 'date', 'Before the first day');
    await nextDay(page);
    await page.getByLabel('Token', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await expectText(page, 'notice-code', 'unauthorized');
    await expectText(page, 'notice-remedy', /token/);
    await page.screenshot({ path: `${SCREENSHOTS}/refused.png` });

    await page.getByRole('button', { name: 'Dismiss' }).click();
    await nextDay(page);
    await page.getByLabel('Token', { exact: true }).fill('open-sesame');
    await page.keyboard.press('Enter');
    await expectText(page, 'day-of', 'day 1 of 3');
    await page.reload();
    await expectText(page, 'day-of', 'day 1 of 3');
    await nextDay(page);
    await expectText(page, 'day-of', 'day 2 of 3');
    expect(await page.locator('#token-dialog').isVisible()).toBe(false);
  });
});
