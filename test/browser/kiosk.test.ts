import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { cellOf } from '../support/calendar-cells.ts';
import { eventuallyOnPage, expectText, pageFixture, saveScreenshot } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 10 });

test('a kiosk at 4K has no controls and large type, plays every day, and then begins again', async () => {
  await stage.post('/simulation/next-day?days=7');
  const page = await stage.openPage({ viewport: { width: 3_840, height: 2_160 }, search: '?kiosk' });
  await expectText(page, 'day-of', /^day 10 of /);
  await expectText(page, 'kpi-events', '100 / 100');
  await expectText(page, 'attention-day', /20\d\d/);
  expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
  expect(await page.getByRole('combobox').filter({ visible: true }).count()).toBe(0);
  const size = await page.evaluate(() => {
    const figure = document.querySelector('#kpi-revenue');
    return {
      figure: figure ? Number.parseFloat(getComputedStyle(figure).fontSize) : 0,
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
      beyond: [...document.querySelectorAll('main section')]
        .filter(
          (section) => section.checkVisibility() && section.getBoundingClientRect().bottom > innerHeight,
        )
        .map((section) => section.className),
    };
  });
  expect(size.figure).toBeGreaterThan(50);
  expect(size.width).toBeLessThanOrEqual(3_840);
  // Nobody scrolls a wall.
  expect(size.height).toBeLessThanOrEqual(2_160);
  expect(size.beyond).toEqual([]);
  await saveScreenshot(page, 'kiosk-4k');
  // The end is shown for a while; then another run begins by itself.
  await eventuallyOnPage(async () => {
    const text = (await page.locator('#day-of').textContent()) ?? '';
    expect(Number(/^day (\d+)/.exec(text)?.[1] ?? 0)).toBeLessThan(5);
  });
  expect(stage.errors).toEqual([]);
});

/** What doesn't fit on the screen of a kiosk on its last days, in words. */
function misfitsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const textOf = (id: string) => document.querySelector(id)?.textContent ?? '';
    // The kiosk begins again: before its first day everything would fit.
    const isFilled = /^day (9|10) of /.test(textOf('#day-of')) && /20\d\d/.test(textOf('#attention-day'));
    const rightOf = (id: string) => document.querySelector(id)?.getBoundingClientRect().right ?? 0;
    const leftOf = (id: string) => document.querySelector(id)?.getBoundingClientRect().left ?? 0;
    const below = [...document.querySelectorAll('main section, .attention li')].filter(
      (each) => each.checkVisibility() && each.getBoundingClientRect().bottom > innerHeight,
    );
    const cut = [...document.querySelectorAll('.kpi b, .note')].filter(
      (each) => each.scrollWidth > each.clientWidth,
    );
    return [
      ...(isFilled ? [] : ['another day is shown']),
      ...(document.documentElement.scrollHeight > innerHeight ? ['the page scrolls'] : []),
      ...(rightOf('#day-of') > leftOf('#trace') ? ['the day is below the trace'] : []),
      ...below.map(({ className }) => `${className} is below the screen`),
      ...cut.map(({ id }) => `${id} is cut off`),
    ];
  });
}

test('a kiosk on a beamer shows the figures, the chart and what needs attention on one screen, and cuts nothing off', async () => {
  await stage.post('/simulation/next-day?days=9');
  const page = await stage.openPage({ viewport: { width: 1_280, height: 720 }, search: '?kiosk' });
  await expectText(page, 'day-of', /^day (9|10) of /);
  await expectText(page, 'kpi-events', '100 / 100');
  await expectText(page, 'trace-proof', /stored, 0 lost/);
  await expectText(page, 'attention-day', /20\d\d/);
  // Figures of different widths pass meanwhile, and what arrives late is laid out in the frame after.
  await eventuallyOnPage(async () => expect(await misfitsOf(page)).toEqual([]));
  await saveScreenshot(page, 'kiosk-beamer');
});

test('a touch on a kiosk’s calendar neither opens a past day nor advances every viewer', async () => {
  await stage.post('/simulation/next-day?days=6');
  // Its own presses fail, so that the run rests.
  const page = await stage.openPage({
    hasTouch: true,
    search: '?kiosk&day=2',
    fails: '**/simulation/next-day*',
  });
  const advances: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') advances.push(new URL(request.url()).search);
  });
  await expectText(page, 'day-of', /^day 6 of /);
  await expectText(page, 'kpi-events', '100 / 100');
  expect(await page.locator('#looking-back').isVisible()).toBe(false);
  for (const day of [3, 9]) {
    const { x, y } = await cellOf(page, day, 10);
    await page.touchscreen.tap(x, y);
  }
  // The next press of the kiosk itself comes after whatever the touches have caused.
  const before = advances.length;
  await eventuallyOnPage(async () => expect(advances.length).toBeGreaterThan(before));
  expect(advances.filter((query) => query !== '')).toEqual([]);
  expect(await page.locator('#looking-back').isVisible()).toBe(false);
  expect(await page.locator('#timeline').getAttribute('tabindex')).toBe('-1');
});

test('a kiosk goes on after a failure of the server and a lost race, and shows no message that nobody can dismiss', async () => {
  const page = await stage.openPage({ search: '?kiosk' });
  const refusals = [
    { status: 409, code: 'run_replaced', title: 'The simulation was reset during the request' },
    { status: 500, code: 'internal_error', title: 'The server failed' },
  ];
  const seen: string[] = [];
  await page.route('**/simulation/next-day*', async (route) => {
    const refusal = refusals.shift();
    if (!refusal) return route.continue();
    seen.push(refusal.code);
    await route.fulfill({ status: refusal.status, json: refusal });
  });
  await eventuallyOnPage(async () => expect(seen).toContain('run_replaced'));
  // Another viewer has moved the run on, as it does when a kiosk loses the race.
  await stage.post('/simulation/next-day');
  await eventuallyOnPage(async () => expect(seen).toEqual(['run_replaced', 'internal_error']));
  await eventuallyOnPage(async () => {
    const text = (await page.locator('#day-of').textContent()) ?? '';
    expect(Number(/^day (\d+)/.exec(text)?.[1] ?? 0)).toBeGreaterThanOrEqual(3);
  });
  await eventuallyOnPage(async () => expect(await page.locator('#banner').isVisible()).toBe(false));
  expect(await page.locator('#notice').count()).toBe(0);
});
