import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import * as z from 'zod';
import { openBrowser } from '../../support/browser.ts';
import type { Bench, Samples } from '../bench.ts';
import { startBenchSystem } from '../bench-system.ts';
import { nextDay, readStatus } from '../simulation-client.ts';

/** Days already stored when the page is opened, so that it has a history to request. */
const DAYS_PLAYED = 120;
const LOADS = 10;
const WARM_UP_MS = 5_000;
const PLAYED_MS = 20_000;

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
    work: { what: 'style and script, each day at 1 day/s', unit: 'ms', goal: { below: 50 } },
    style: { what: 'of it style', unit: 'ms' },
    layout: { what: 'layout, each day at 1 day/s', unit: 'ms' },
    recalculations: {
      what: 'style recalculations for the 100 rows of a day',
      unit: '',
      goal: { below: 100 },
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
          ...(await playDays(browser, system.url)),
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
    const sizes: Promise<readonly [url: string, bytes: number]>[] = [];
    opened.on('response', (response) => {
      if (/\/stream\/(live|assets)/.test(response.url())) {
        sizes.push(response.body().then((body) => [response.url(), gzipSync(body).length]));
      }
    });
    await opened.goto(`${url}/stream/live`, { waitUntil: 'commit' });
    // Not `:enabled`: a button that can't be pressed stays focusable.
    const usableMs = await timeUntil(opened, '#next-day[aria-disabled="false"]');
    const chartedMs = await timeUntil(opened, '#days-chart canvas[aria-label]');
    const later = new Set(await loadedAfter(opened, usableMs));
    const bytes = (await Promise.all(sizes)).map(([address, size]) => (later.has(address) ? 0 : size));
    return { usableMs, chartedMs, bytes: bytes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await context.close();
  }
}

/** What the browser itself counts while the page plays, divided by the days. */
async function playDays(browser: Browser, url: string): Promise<Samples> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const opened = await context.newPage();
    await opened.goto(`${url}/stream/live`);
    await opened.locator('#next-day:enabled').waitFor();
    const devtools = await context.newCDPSession(opened);
    await devtools.send('Performance.enable');
    await opened.getByRole('radio', { name: '1 day per second' }).check();
    await opened.getByRole('button', { name: 'Play' }).click();
    // Without what only the first days cost.
    await delay(WARM_UP_MS);
    const read = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return { day: (await readStatus(url)).day_index, ...countersSchema.parse(metrics) };
    };
    const [before] = [await read(), await delay(PLAYED_MS)];
    const after = await read();
    const days = after.day - before.day;
    const style = (1_000 * (after.RecalcStyleDuration - before.RecalcStyleDuration)) / days;
    const script = (1_000 * (after.ScriptDuration - before.ScriptDuration)) / days;
    return {
      work: style + script,
      style,
      layout: (1_000 * (after.LayoutDuration - before.LayoutDuration)) / days,
      recalculations: (after.RecalcStyleCount - before.RecalcStyleCount) / days,
    };
  } finally {
    await context.close();
  }
}

/** Chromium's counters: durations in seconds since the page was opened. */
const countersSchema = z
  .array(z.object({ name: z.string(), value: z.number() }))
  .transform((metrics) => Object.fromEntries(metrics.map(({ name, value }) => [name, value])))
  .pipe(
    z.object({
      RecalcStyleCount: z.number(),
      RecalcStyleDuration: z.number(),
      LayoutDuration: z.number(),
      ScriptDuration: z.number(),
    }),
  );

/** The addresses of what had not arrived at a time (ms since navigation, by the page's clock). */
function loadedAfter(opened: Page, ms: number): Promise<string[]> {
  return opened.evaluate(
    (from) =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry.startTime + entry.duration > from)
        .map(({ name }) => name),
    ms,
  );
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
