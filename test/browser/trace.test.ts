import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { formatMs } from '../../web/format.ts';
import type { LedgerTimes } from '../../web/state/trace.ts';
import {
  eventuallyOnPage,
  expectCompleteDay,
  expectText,
  pageFixture,
  pressNextDay,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 10 });
const TALL = { viewport: { width: 1280, height: 3_000 } };

/** What the API answers while one of its servers is away. */
const AWAY = { code: 'dependency_unavailable', title: 'A server does not answer', detail: '', status: 503 };

const step = (page: Page, name: string) => page.locator('#trace li', { hasText: name }).locator('b');
const traceText = (page: Page) => page.locator('#trace').textContent();

async function ledgerDay(dayIndex: number): Promise<LedgerTimes | undefined> {
  const { run_id } = await (await fetch(`${stage.system.url}/simulation/status`)).json();
  const path = `/simulation/runs/${run_id}/days?from=${dayIndex}`;
  const { days }: { days: LedgerTimes[] } = await (await fetch(stage.system.url + path)).json();
  return days.find((day) => day.day_index === dayIndex);
}

/** Makes the API report one lag after the other, and the last one from then on. */
async function tellLags(page: Page, lags: readonly number[]): Promise<void> {
  let asked = 0;
  await page.route('**/metrics', async (route) => {
    const response = await route.fetch();
    const metrics = await response.json();
    metrics.kafka.consumer_lag = { total: lags[asked] ?? lags.at(-1) };
    asked += 1;
    await route.fulfill({ response, json: metrics });
  });
}

/** Makes the API report the day's publication as not yet recorded for a number of requests. @param after The number. */
async function tellNoted(page: Page, after: number): Promise<void> {
  let asked = 0;
  await page.route('**/days?*', async (route) => {
    const response = await route.fetch();
    const { days, ...rest } = await response.json();
    asked += 1;
    const told = days.map((day: LedgerTimes) =>
      asked > after
        ? { ...day, published_at: day.published_at ?? day.completed_at }
        : { ...day, picked_up_at: null, published_at: null },
    );
    await route.fulfill({ response, json: { ...rest, days: told } });
  });
}

const delay = (from: string | null = null, to: string | null = null) =>
  formatMs(Math.max(0, Date.parse(to ?? '') - Date.parse(from ?? '')));

test('the trace shows how long each step of the last day took, as the ledger has it, with lag and dead letters', async () => {
  const page = await stage.openPage(TALL);
  await eventuallyOnPage(async () =>
    expect(await traceText(page)).toContain('Available after the first complete day'),
  );
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('Sat 1 Jan 2022, day 1'));
  // The producer may record a moment later that Kafka has the day.
  await eventuallyOnPage(async () => {
    const day = await ledgerDay(0);
    expect(day?.published_at).not.toBeNull();
    expect(await step(page, 'DynamoDB').textContent()).toBe(delay(day?.requested_at, day?.picked_up_at));
    // The last sale may be stored before the producer has recorded that Kafka has it.
    const published = [day?.published_at ?? '', day?.completed_at ?? ''].toSorted()[0];
    expect(await step(page, 'Kafka').textContent()).toBe(delay(day?.picked_up_at, published));
    expect(await step(page, 'MySQL').textContent()).toBe(delay(day?.published_at, day?.completed_at));
  });
  for (const name of ['API', 'you']) expect(await step(page, name).textContent()).toMatch(/^[\d,.]+ m?s$/);
  const steps = await page.locator('#trace li b').allTextContents();
  expect(steps.reduce((sum, text) => sum + Number.parseInt(text.replace(',', ''), 10), 0)).toBe(
    Number.parseInt((await textOf(page, 'trace-total')).replace(',', ''), 10),
  );
  await expectText(page, 'trace-proof', '100 of 100 stored, 0 lost, 0 doubled');
  await eventuallyOnPage(async () => expect(await traceText(page)).toMatch(/lag 0\s*dead letters 0/));
  expect(stage.errors).toEqual([]);

  await stage.post('/simulation/reset');
  await eventuallyOnPage(async () =>
    expect(await traceText(page)).toContain('Available after the first complete day'),
  );
  for (const name of ['API', 'DynamoDB', 'you']) expect(await step(page, name).textContent()).toBe('–');
  // A report that was due when the run was reset is already about the next one.
  await expectText(page, 'trace-proof', /^([–0]) of \1 stored, \1 lost, \1 doubled$/);
});

test('the trace of a click from elsewhere leaves out what only the clicking page knows', async () => {
  const page = await stage.openPage(TALL);
  await stage.post('/simulation/next-day?days=2');
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('day 2'));
  expect(await step(page, 'API').textContent()).toBe('–');
  expect(await step(page, 'you').textContent()).toBe('–');
  await eventuallyOnPage(async () => expect(await step(page, 'MySQL').textContent()).toMatch(/\d/));
});

test('a page that is opened after the last day knows the servers’ steps, and their sum', async () => {
  await stage.post('/simulation/next-day?days=10');
  const page = await stage.openPage();
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('day 10'));
  // A step is a dash until the producer has recorded that Kafka has the day.
  await eventuallyOnPage(async () => {
    const steps = ['DynamoDB', 'Kafka', 'MySQL'].map((name) => step(page, name).textContent());
    const texts = await Promise.all(steps);
    for (const text of texts) expect(text).toMatch(/\d/);
    const sum = texts.reduce((all, text) => all + Number.parseInt((text ?? '').replaceAll(',', ''), 10), 0);
    expect(await textOf(page, 'trace-total')).toBe(formatMs(sum));
  });
  await expectText(page, 'trace-proof', '1,000 of 1,000 stored, 0 lost, 0 doubled');
});

test('the trace lights the click path step by step, and goes dark when the day is complete', async () => {
  const page = await stage.openPage(TALL);
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('lag'));
  const seen = page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const names: string[] = [];
        const steps = [...document.querySelectorAll('#trace li')];
        new MutationObserver(() => {
          const now = steps.find((each) => each.getAttribute('data-lit') === 'now');
          if (now) names.push(now.querySelector('span')?.textContent ?? '');
          else resolve(names);
        }).observe(steps[0]?.parentElement ?? document.body, {
          subtree: true,
          attributeFilter: ['data-lit'],
        });
      }),
  );
  await pressNextDay(page);
  const names = await seen;
  expect(names[0]).toBe('API');
  const order = ['API', 'DynamoDB', 'Kafka', 'MySQL', 'you'];
  const places = names.map((name) => order.indexOf(name));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  await expectCompleteDay(page, 1);
  await eventuallyOnPage(async () => expect(await page.locator('#trace [data-lit]').count()).toBe(0));
});

test('the trace is requested again after a failure, without another click', async () => {
  const page = await stage.openPage(TALL);
  let failures = 0;
  await page.route('**/metrics', (route) => {
    failures += 1;
    return failures > 1 ? route.continue() : route.fulfill({ status: 503, json: AWAY });
  });
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('Sat 1 Jan 2022, day 1'));
  expect(failures).toBeGreaterThan(1);
  await eventuallyOnPage(async () => expect(await step(page, 'MySQL').textContent()).toMatch(/\d/));
});

test('a proof that can’t be read is not shown as the current one, and is requested until it can be', async () => {
  const page = await stage.openPage(TALL);
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  await expectText(page, 'trace-proof', '100 of 100 stored, 0 lost, 0 doubled');
  let isAway = true;
  await page.route('**/proof', (route) =>
    isAway ? route.fulfill({ status: 503, json: AWAY }) : route.continue(),
  );
  await pressNextDay(page);
  await expectCompleteDay(page, 2);
  await eventuallyOnPage(async () => {
    const text = await page.locator('.trace-health').textContent();
    expect(text).toContain('no proof at present');
    expect(text).not.toContain('lost');
    expect(text).toMatch(/lag 0/);
  });
  isAway = false;
  await expectText(page, 'trace-proof', '200 of 200 stored, 0 lost, 0 doubled');
});

test('figures of the pipeline that can’t be read are not shown as the current ones beside a proof that can', async () => {
  const page = await stage.openPage(TALL);
  await eventuallyOnPage(async () => expect(await traceText(page)).toMatch(/lag/));
  await page.route('**/metrics', (route) => route.fulfill({ status: 503, json: AWAY }));
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  await eventuallyOnPage(async () => {
    expect(await traceText(page)).toContain('no report at present');
    expect(await page.locator('.trace-health').textContent()).not.toMatch(/lag|dead letters/);
  });
  await expectText(page, 'trace-proof', '100 of 100 stored, 0 lost, 0 doubled');
});

test('the trace follows a lag until it is gone', async () => {
  const page = await stage.openPage(TALL);
  await tellLags(page, [100, 7, 0]);
  await pressNextDay(page);
  await eventuallyOnPage(async () => expect(await traceText(page)).toMatch(/lag 0/));
});

test('the trace follows a day until its publication is recorded', async () => {
  const page = await stage.openPage(TALL);
  await tellNoted(page, 2);
  await tellLags(page, [0]);
  await pressNextDay(page);
  await eventuallyOnPage(async () => {
    for (const name of ['Kafka', 'MySQL']) expect(await step(page, name).textContent()).toMatch(/\d/);
  });
});

test('the trace does not animate with reduced motion', async () => {
  const page = await stage.openPage({ ...TALL, reducedMotion: 'reduce' });
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('lag'));
  expect(
    await page
      .locator('#trace li')
      .first()
      .evaluate((each) => getComputedStyle(each, '::before').transitionDuration),
  ).toBe('0s');
});

test('the trace requests nothing without activity', async () => {
  const page = await stage.openPage(TALL);
  await pressNextDay(page);
  await expectCompleteDay(page, 1);
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('day 1'));
  // Until both are known, the page asks again by itself.
  await eventuallyOnPage(async () => {
    expect(await traceText(page)).toMatch(/lag 0/);
    expect(await step(page, 'Kafka').textContent()).toMatch(/\d/);
  });
  await tellLags(page, [0]);
  await tellNoted(page, 0);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.clock.install();
  await page.clock.fastForward('10:00');
  // A day that takes seconds is followed, and on a busy machine it may: the page's date stands, its timers run.
  await page.clock.setFixedTime(await page.evaluate(() => Date.now()));
  await pressNextDay(page);
  await expectCompleteDay(page, 2);
  await eventuallyOnPage(async () => expect(await traceText(page)).toContain('day 2'));
  expect(asked.filter((path) => path === '/metrics')).toHaveLength(1);
  expect(asked.filter((path) => path.endsWith('/days'))).toHaveLength(1);
});

test('the header is no wider than the page, however long the figures of the pipeline are', async () => {
  await stage.post('/simulation/next-day?days=2');
  const page = await stage.openPage({ viewport: { width: 1280, height: 900 } });
  await tellLags(page, [1_234_567]);
  await pressNextDay(page);
  await expectCompleteDay(page, 3);
  await eventuallyOnPage(async () => expect(await traceText(page)).toMatch(/lag 1,234,567/));
  await expectText(page, 'trace-proof', /stored, 0 lost/);
  for (const width of [1_190, 1_280, 1_440]) {
    await page.setViewportSize({ width, height: 900 });
    await eventuallyOnPage(async () =>
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width),
    );
  }
});
