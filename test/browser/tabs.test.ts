import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  eventuallyOnPage,
  expectCompleteDay,
  pageFixture,
  pressNextDay,
  textOf,
  waitUntilReady,
} from '../support/page-fixture.ts';

const TABS = 8;
const stage = pageFixture({ days: 20 });

/** Opens tabs of one browser and counts the streams that are open in all of them. */
async function openTabs(count: number): Promise<{ readonly tabs: Page[]; readonly streams: () => number }> {
  const first = await stage.openPage();
  const context = first.context();
  const open = new Set<unknown>();
  context.on('request', (request) => {
    if (request.url().includes('/stream/events')) open.add(request);
  });
  context.on('requestfinished', (request) => void open.delete(request));
  context.on('requestfailed', (request) => void open.delete(request));
  const tabs = [first];
  while (tabs.length < count) {
    const tab = await context.newPage();
    await tab.goto(`${stage.system.url}/stream/live`);
    tabs.push(tab);
  }
  return { tabs, streams: () => open.size };
}

test('eight tabs of one browser are live, share one stream, and a click in each of them is accepted', async () => {
  const { tabs, streams } = await openTabs(TABS);
  for (const tab of tabs) await waitUntilReady(tab);
  for (const [index, tab] of tabs.entries()) {
    await tab.bringToFront();
    await pressNextDay(tab);
    await expectCompleteDay(tab, index + 1);
  }
  for (const tab of tabs) await expectCompleteDay(tab, TABS);
  const figures = await Promise.all(tabs.map((tab) => textOf(tab, 'kpi-revenue')));
  expect(new Set(figures).size).toBe(1);
  // The first tab's stream was opened before it was counted.
  await eventuallyOnPage(() => expect(streams()).toBeLessThanOrEqual(1));
  expect(stage.errors).toEqual([]);
});

test('the other tabs go on when the tab that has the stream is closed', async () => {
  const { tabs } = await openTabs(3);
  for (const tab of tabs) await waitUntilReady(tab);
  const [first, ...others] = tabs;
  await first?.close();
  for (const [index, tab] of others.entries()) {
    await pressNextDay(tab);
    for (const each of others) await expectCompleteDay(each, index + 1);
  }
});

test('tabs without Web Locks have streams of their own, which hidden ones close until they are shown', async () => {
  const page = await stage.openPage();
  const context = page.context();
  await context.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'locks');
  });
  await page.reload();
  await waitUntilReady(page);
  const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/stream/events'));
  await setHidden(page, true);
  await ended;
  await stage.post('/simulation/next-day');
  await setHidden(page, false);
  await expectCompleteDay(page, 1);
});

/** Chromium without a window shows every page. */
function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
