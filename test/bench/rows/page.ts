import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../support/browser.ts';
import type { Bench } from '../bench.ts';
import { startBenchSystem } from '../bench-system.ts';
import { nextDay } from '../simulation-client.ts';

/** Days already stored when the page is opened, so that it has a history to request. */
const DAYS_PLAYED = 120;
const LOADS = 10;

export const page: Bench = {
  row: 'page',
  what: `the page opened by a browser without a cache, in the middle of a run: from the navigation until Next day can be pressed, and what was loaded by then`,
  figures: {
    usable: { what: 'navigation → Next day can be pressed', unit: 'ms', goal: { below: 1_000 } },
    charted: { what: 'navigation → the first chart stands', unit: 'ms' },
    size: {
      what: 'document, scripts and styles by then, each compressed (gzip)',
      unit: 'KB',
      goal: { below: 200 },
    },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    await nextDay(system.url, DAYS_PLAYED);
    const browser = await openBrowser();
    return {
      async round() {
        const loads: Load[] = [];
        for (let load = 0; load < LOADS; load += 1) loads.push(await loadOnce(browser, system.url));
        return {
          usable: loads.map(({ usableMs }) => usableMs),
          charted: loads.map(({ chartedMs }) => chartedMs),
          size: loads.map(({ bytes }) => bytes / 1_000),
        };
      },
      async close() {
        await browser.close();
        await system.stop();
      },
    };
  },
};

interface Load {
  readonly usableMs: number;
  readonly chartedMs: number;
  readonly bytes: number;
}

async function loadOnce(browser: Browser, url: string): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const opened = await context.newPage();
    const sizes: Promise<number>[] = [];
    opened.on('response', (response) => {
      if (/\/stream\/(live|assets)/.test(response.url())) {
        sizes.push(response.body().then((body) => gzipSync(body).length));
      }
    });
    await opened.goto(`${url}/stream/live`, { waitUntil: 'commit' });
    const usableMs = await timeUntil(opened, '#next-day:enabled');
    const chartedMs = await timeUntil(opened, '#days-chart canvas[aria-label]');
    return { usableMs, chartedMs, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) };
  } finally {
    await context.close();
  }
}

/** Milliseconds from navigation to the frame that shows an element, by the page's clock. */
async function timeUntil(opened: Page, selector: string): Promise<number> {
  const found = await opened.waitForFunction(
    (wanted) => (document.querySelector(wanted) ? performance.now() : false),
    selector,
    { polling: 'raf' },
  );
  return Number(await found.jsonValue());
}
