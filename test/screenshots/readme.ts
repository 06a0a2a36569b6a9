/** `npm run rtm -- screenshots`: takes the pictures of the page that the README shows, and records its animation. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { readInstance } from '../../infra/local/instance.ts';
import { openBrowser } from '../support/browser.ts';
import { animate, record } from './animation.ts';

const PROJECT = join(import.meta.dirname, '../..');
const IMAGES = join(PROJECT, 'docs/images');
const USAGE = `Usage: npm run rtm -- screenshots [--days <n>]

Begins a new run on the host that runs in this clone, or starts one for the time, plays some days (default: 410) and writes
docs/images/page-light.png, page-dark.png and playing.svg.`;
/** What the animation shows after the pictures. */
const [PLAYED_DAYS, FRAME_EVERY_MS] = [3, 150];
const VIEWPORT = { width: 1280, height: 1060 };
/** Waiting is bounded: the longest is for a host that starts on a machine without a cache. */
const [EVERY_MS, WITHIN_MS] = [250, 300_000];

const values = parseOptions();
if (values === null || !/^[1-9]\d{0,2}$/.test(values.days)) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const host = await hostAddress();
try {
  await takePictures(host.url, Number(values.days));
} finally {
  await host.stop();
}

/** Null if an option isn't known, `--help` included. */
function parseOptions(): { readonly days: string } | null {
  try {
    return parseArgs({ options: { days: { type: 'string', default: '410' } } }).values;
  } catch {
    return null;
  }
}

interface Host {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** The host that runs in this clone, else one that ends with this command. */
async function hostAddress(): Promise<Host> {
  const running = readInstance()?.serving;
  if (running) return { url: new URL(running.url).origin, stop: async () => undefined };
  const script = join(PROJECT, 'infra/local/cli/start.ts');
  const child = spawn(process.execPath, [script, '--port', '0'], {
    cwd: PROJECT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  try {
    const { url } = await until('a host', async () => {
      if (child.exitCode !== null) throw new Error('The host ended: npm start says why.');
      return readInstance()?.serving ?? null;
    });
    return { url: new URL(url).origin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function takePictures(url: string, days: number): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  await post(`${url}/simulation/reset`);
  if (days > 1) await post(`${url}/simulation/next-day?days=${days - 1}`);
  await until('all sales', async () => {
    const status = await (await fetch(`${url}/simulation/status`)).json();
    return status.day_total > 0 && status.day_received === status.day_total ? status : null;
  });
  const browser = await openBrowser();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: VIEWPORT, colorScheme });
      await page.goto(`${url}/stream/live`);
      // The last day is a click of this page, so that its way is known whole.
      if (colorScheme === 'light') await clickNextDay(page, days);
      await page.locator('#day-of', { hasText: `day ${days} of` }).waitFor();
      await settle(page, days);
      const file = join(IMAGES, `page-${colorScheme}.png`);
      await page.screenshot({ path: file });
      await announce(file);
    }
    await recordDays(await browser.newPage({ viewport: VIEWPORT }), `${url}/stream/live`, days);
  } finally {
    await browser.close();
  }
}

/** Records the days that follow this one. */
async function recordDays(page: Page, url: string, days: number): Promise<void> {
  await page.goto(url);
  await page.locator('#day-of', { hasText: `day ${days} of` }).waitFor();
  await settle(page, days);
  const frames = await record(page, FRAME_EVERY_MS, async () => {
    for (let day = days + 1; day <= days + PLAYED_DAYS; day += 1) {
      await clickNextDay(page, day);
      await settle(page, day);
    }
  });
  const file = join(IMAGES, 'playing.svg');
  await writeFile(file, animate(frames, `${PLAYED_DAYS} days are played on the page, one click each`));
  await announce(file);
}

async function announce(file: string): Promise<void> {
  const { size } = await stat(file);
  process.stdout.write(`${relative(PROJECT, file)}: ${Math.round(size / 1_000)} KB\n`);
}

/** Once the page has come to rest, so that the time that it shows is the click's alone. */
async function clickNextDay(page: Page, days: number): Promise<void> {
  if (days > 1) {
    await page.locator('#day-of', { hasText: `day ${days - 1} of` }).waitFor();
    await settle(page, days - 1);
  }
  await page.getByRole('button', { name: 'Next day' }).click();
  // Until every step of this page's own request is measured.
  await page.waitForFunction(() => {
    const text = document.querySelector('#trace')?.textContent;
    return text !== undefined && text !== null && !text.includes('–');
  });
}

/** Waits until the day is whole, nothing is on its way and what counts up has come to its end. */
async function settle(page: Page, days: number): Promise<void> {
  await page.locator('#progress-text', { hasText: /^(\d+) of \1 sales$/ }).waitFor();
  // While the pipeline has yet to come up with the day, it names an earlier one.
  await page.locator('#summary-title', { hasText: new RegExp(`, day ${days}$`) }).waitFor();
  await page.waitForFunction(
    () => ![...document.querySelectorAll('.chart-empty')].some((each) => each.checkVisibility()),
  );
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  await setTimeout(1_000);
}

async function post(url: string): Promise<void> {
  const token = process.env.API_TOKEN;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(url, { method: 'POST', headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

async function until<Result>(what: string, look: () => Promise<Result | null>): Promise<Result> {
  for (let waited = 0; waited < WITHIN_MS; waited += EVERY_MS) {
    const found = await look();
    if (found !== null) return found;
    await setTimeout(EVERY_MS);
  }
  throw new Error(`Waited in vain for ${what}.`);
}
