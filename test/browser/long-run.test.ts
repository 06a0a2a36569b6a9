import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { dayOf, expectText, pageFixture } from '../support/page-fixture.ts';

const DAYS = 731;
/** By then all charts, tables and the feed are full. */
const WARM_DAYS = 100;
/** Bytes that 631 more days may occupy: their sums, and the points of one product. */
const GROWTH_BYTES = 6_000_000;

const stage = pageFixture({ days: DAYS });

/** Bytes of the page's heap that are in use after a garbage collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

test('a page survives two years at ten days a second without growing in memory', async () => {
  const page = await stage.openPage({ viewport: { width: 1280, height: 1600 } });
  await expectText(page, 'connection-text', 'Live');
  await page.getByRole('radio', { name: '10 days per second' }).check();
  await page.getByRole('button', { name: 'Play' }).click();
  await eventually(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(WARM_DAYS), 300);
  const before = await heapOf(page);
  await expectText(page, 'empty-state-figures', /Sales73,100/, 1_500);
  const after = await heapOf(page);
  expect(after - before).toBeLessThan(GROWTH_BYTES);
  await page.getByRole('radio', { name: 'All' }).check();
  await eventually(async () =>
    expect(await page.locator('#days-chart canvas').getAttribute('aria-label')).toMatch('chart of 731 days'),
  );
  expect(stage.errors).toEqual([]);
}, 2_000_000);
