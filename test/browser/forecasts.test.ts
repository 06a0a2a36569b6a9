import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  dayOf,
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  saveScreenshot,
  TALL,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });

const integer = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

interface Series {
  readonly level: string;
  readonly store_id: string | null;
  readonly forecast_units: number;
  readonly intervals: readonly { readonly level: number; readonly lower: number; readonly upper: number }[];
  readonly actual: number;
}

/** What the server kept of a day. @param storeId Of a store; otherwise the total. */
function keptOf(day: number, storeId: string | null = null): Promise<Series> {
  return eventuallyOnPage(async () => {
    const response = await fetch(`${stage.system.url}/demand/forecasts?day=${day}`);
    const { series = [] }: { series?: Series[] } = await response.json();
    const level = storeId === null ? 'all' : 'store';
    const found = series.find((each) => each.level === level && each.store_id === storeId);
    if (!found) throw new Error(`Nothing was forecast for day ${day}.`);
    return found;
  });
}

/** The sentence below the chart about a kept day. */
function sentenceOf({ actual, forecast_units, intervals }: Series): string {
  const { lower = 0, upper = 0 } = intervals.find(({ level }) => level === 95) ?? {};
  const where = actual < lower || actual > upper ? 'outside' : 'within';
  return (
    `${integer.format(actual)} units; the day before, ${integer.format(forecast_units)} were forecast, ` +
    `${where} the 95 % interval of ${integer.format(lower)} to ${integer.format(upper)}.`
  );
}

async function expectForecast(page: Page, date: string, kept: Series): Promise<void> {
  await expectText(page, 'days-text', `${date}: ${sentenceOf(kept)}`);
}

/** The figure of the day, which is rounded. */
async function expectDeviation(page: Page, { actual, forecast_units }: Series): Promise<void> {
  const percent = (actual / forecast_units - 1) * 100;
  await expectText(page, 'kpi-forecast-note', `${integer.format(forecast_units)} forecast`);
  await eventuallyOnPage(async () => {
    const shown = Number((await textOf(page, 'kpi-forecast')).replace('−', '-').replace(/[ %]/g, ''));
    expect(Math.abs(shown - percent)).toBeLessThanOrEqual(0.5);
  });
}

describe('what was forecast for a day', () => {
  test('the day and the chart are held against what was forecast the day before, of all stores and of one', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 40);
    const total = await keptOf(40);
    await expectDeviation(page, total);
    await expectForecast(page, 'Wed 9 Feb 2022', total);
    await page.locator('#days-store').selectOption('S002');
    await expectForecast(page, 'Wed 9 Feb 2022', await keptOf(40, 'S002'));
    await saveScreenshot(page, 'forecasts-of-a-store');

    await pressNextDay(page);
    await expectCompleteDay(page, 41);
    await expectForecast(page, 'Thu 10 Feb 2022', await keptOf(41, 'S002'));
    await expectDeviation(page, await keptOf(41));
    await page.locator('#days-store').selectOption('');
    await expectForecast(page, 'Thu 10 Feb 2022', await keptOf(41));
    expect(stage.errors).toEqual([]);
  });

  test('a past day stands beside what was forecast for it, and a reset forgets all of it', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage({ ...TALL, search: '?day=30' });
    await expectText(page, 'day-of', 'day 30 of 60');
    const kept = await keptOf(30);
    await expectDeviation(page, kept);
    await expectForecast(page, 'Sun 30 Jan 2022', kept);
    await page.getByRole('button', { name: 'Return' }).click();
    await expectCompleteDay(page, 40);
    await expectForecast(page, 'Wed 9 Feb 2022', await keptOf(40));
    expect(stage.errors).toEqual([]);

    // From here on a request of the old run may be refused, because the page hears of the reset a moment later.
    await stage.post('/simulation/reset');
    await expectText(page, 'date', 'Before the first day');
    await pressNextDay(page);
    await expectCompleteDay(page, 1);
    await expectText(page, 'kpi-forecast', /^–$/);
    await expectText(page, 'days-text', /Sat 1 Jan 2022: [\d,]+ units; nothing was forecast for it/);
  });

  test('while days pass quickly, forecasts are requested at most once a second each, and the last day is right', async () => {
    await stage.post('/simulation/next-day?days=22');
    const page = await stage.openPage(TALL);
    await expectCompleteDay(page, 22);
    await expectDeviation(page, await keptOf(22));
    const asked = new Map<string, number>();
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (!pathname.startsWith('/demand/')) return;
      const kind = `${pathname} ${searchParams.has('level')}`;
      asked.set(kind, (asked.get(kind) ?? 0) + 1);
    });
    const begun = Date.now();
    await page.getByRole('radio', { name: '10 days per second' }).check();
    await page.getByRole('button', { name: 'Play' }).click();
    await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(50));
    const seconds = (Date.now() - begun) / 1_000;
    // The figure of the day and the chart ask for themselves.
    for (const [kind, requests] of asked) expect(requests, kind).toBeLessThanOrEqual(2 * (seconds + 2));
    await expectCompleteDay(page, 60);
    const last = await keptOf(60);
    await expectDeviation(page, last);
    await expectForecast(page, 'Tue 1 Mar 2022', last);
    expect(stage.errors).toEqual([]);
  });
});
