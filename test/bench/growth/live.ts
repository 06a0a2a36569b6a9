import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { select } from '../../../shared/mysql/connection.ts';
import type { RunningSystem } from '../../support/system.ts';
import { openViewer } from '../../support/viewer.ts';
import { nextDay, readStatus } from '../simulation-client.ts';

/** Milliseconds. */
export interface PageTimes {
  readonly usable: number;
  /** Until the chart of days has every stored day. */
  readonly complete: number;
}

const CHART = '#days-chart canvas';

/** Opens the page without a cache, in the middle of a run. */
export async function timePage(browser: Browser, url: string): Promise<PageTimes> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(`${url}/stream/live`, { waitUntil: 'commit' });
    const usable = await timeUntil(page, '#next-day:enabled');
    return { usable, complete: await timeUntil(page, `${CHART}[aria-label]`) };
  } finally {
    await context.close();
  }
}

async function timeUntil(page: Page, selector: string): Promise<number> {
  const found = await page.waitForFunction(
    (wanted) => (document.querySelector(wanted) ? performance.now() : false),
    selector,
    { polling: 'raf', timeout: 120_000 },
  );
  return Number(await found.jsonValue());
}

/** How far viewers were behind MySQL at the end of each day, in milliseconds. */
export interface LiveDay {
  /** From the request until the day's last row was inserted. */
  readonly stored: number;
  /** From then until a viewer had its last sale, and until the page showed the whole day. */
  readonly viewer: number;
  readonly page: number;
}

/** Plays days one after the other as soon as the one before is complete, with the page open in a browser. */
export async function playLive(browser: Browser, system: RunningSystem, days: number): Promise<LiveDay[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const viewer = await openViewer(system.url);
  try {
    await page.goto(`${system.url}/stream/live`, { waitUntil: 'commit' });
    await timeUntil(page, '#next-day:enabled');
    const played: LiveDay[] = [];
    for (let count = 0; count < days; count += 1) {
      const { day_index, run_id } = await readStatus(system.url);
      const next = day_index + 1;
      const begun = Date.now();
      await nextDay(system.url);
      const ofDay = () => viewer.sales.filter((sale) => sale.day_index === next).length;
      const total = () => viewer.sales.at(-1)?.day_total ?? Number.POSITIVE_INFINITY;
      await viewer.until(() => ofDay() > 0 && ofDay() >= total());
      const seen = Date.now();
      const [day, sales] = [next + 1, total()].map((number) => number.toLocaleString('en'));
      await page.waitForFunction(
        ([header, progress]) => {
          const text = document.body.textContent;
          return text.includes(header) && text.includes(progress);
        },
        [`day ${day} of`, `${sales} of ${sales} sales`] as const,
        { polling: 50, timeout: 120_000 },
      );
      const shown = Date.now();
      const stored = await lastStoredAt(system, run_id, next);
      played.push({ stored: stored - begun, viewer: seen - stored, page: shown - stored });
      await delay(100);
    }
    return played;
  } finally {
    viewer.close();
    await context.close();
  }
}

async function lastStoredAt({ pool }: RunningSystem, runId: string, dayIndex: number): Promise<number> {
  const sql =
    'SELECT UNIX_TIMESTAMP(MAX(received_at)) * 1000 AS at FROM kafka_events WHERE run_id = ? AND day_index = ?';
  const [row] = await select<{ at: number }>(pool, sql, [runId, dayIndex]);
  return Number(row?.at);
}
