import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { fetchPatiently } from './http-client.ts';
import { type RunningSystem, type StartSystemOptions, startSystem } from './system.ts';

/** Folder for pictures. */
export const SCREENSHOTS = '.local/screenshots';
const START_MS = 480_000;
/** A browser that renders in software shares its cores with all servers and other tests. */
const TEST_MS = 480_000;
export const PATIENCE_SECONDS = 120;

/** A screen on which all charts are in sight: others aren't drawn. */
export const TALL = { viewport: { width: 1280, height: 1600 } };

/** Options for opening a page. */
export interface PageOptions extends BrowserContextOptions {
  /** Requests (a pattern of addresses) that fail until the test calls `unrouteAll`. */
  readonly fails?: string;
  /** The query of the page's address, with its question mark. */
  readonly search?: string;
}

/** A browser and a system that starts a new run for each test. */
export interface PageFixture {
  readonly system: RunningSystem;
  /**
   * Console errors of the test's pages, without answers with status 503: on a busy machine a dependency may answer late, and
   * the page then asks again. Also foreign hosts that the pages contacted.
   */
  readonly errors: readonly string[];
  readonly foreignRequests: readonly string[];
  openPage(options?: PageOptions): Promise<Page>;
  post(path: string): Promise<void>;
}

/** Registers the hooks of a test file: one system and one browser for all its tests. */
export function pageFixture(options: StartSystemOptions): PageFixture {
  vi.setConfig({ testTimeout: TEST_MS });
  let browser: Browser;
  let system: RunningSystem;
  let contexts: BrowserContext[] = [];
  const errors: string[] = [];
  const foreignRequests: string[] = [];

  async function post(path: string): Promise<void> {
    const headers = options.apiToken ? { authorization: `Bearer ${options.apiToken}` } : {};
    const response = await fetchPatiently(system.url + path, { method: 'POST', headers });
    expect(response.status).toBe(200);
  }

  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    [browser, system] = await Promise.all([openBrowser(), startSystem(options)]);
  }, START_MS);
  afterAll(async () => {
    await Promise.all([browser?.close(), system?.stop()]);
  });
  beforeEach(async () => {
    errors.length = 0;
    foreignRequests.length = 0;
    await post('/simulation/reset');
  });
  afterEach(async () => {
    // A handler of a route that is still at work would fail when its page closes, and with it the whole run.
    const pages = contexts.flatMap((context) => context.pages());
    await Promise.all(pages.map((page) => page.unrouteAll({ behavior: 'ignoreErrors' }).catch(() => {})));
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
  });

  return {
    get system() {
      return system;
    },
    errors,
    foreignRequests,
    post,
    async openPage({ fails, search = '', ...contextOptions } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions });
      contexts.push(context);
      context.setDefaultTimeout(PATIENCE_SECONDS * 1_000);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('status of 503'))
          errors.push(`${message.text()} ${message.location().url}`);
      });
      page.on('response', async (response) => {
        if (response.status() !== 500) return;
        errors.push(`500 ${response.url()} ${await response.text().catch(() => 'without a body')}`);
      });
      page.on('response', (response) => void pressAgain(page, response).catch(() => {}));
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith(system.url)) foreignRequests.push(request.url());
      });
      if (fails !== undefined) await page.route(fails, (route) => route.abort());
      await page.goto(`${system.url}/stream/live${search}`);
      return page;
    },
  };
}

/**
 * Presses Next day again, as the page then asks a person to, if the server had no time to accept it (503 with `Retry-After`, which
 * promises that nothing happened). Playback and kiosks repeat their requests themselves.
 */
async function pressAgain(page: Page, response: Response): Promise<void> {
  const retryAfter = response.headers()['retry-after'];
  if (response.status() !== 503 || !retryAfter || !response.url().endsWith('/simulation/next-day')) return;
  const isPlaying = (await page.locator('#play').getAttribute('data-playing')) === 'true';
  if (isPlaying || page.url().includes('kiosk')) return;
  await delay(Number(retryAfter) * 1_000);
  await pressNextDay(page);
}

/** Waits for a condition on a page. */
export function eventuallyOnPage<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return eventually(check, PATIENCE_SECONDS);
}

export async function textOf(page: Page, id: string): Promise<string> {
  return (await page.locator(`#${id}`).textContent()) ?? '';
}

/** Waits until an element shows a text. */
export function expectText(
  page: Page,
  id: string,
  text: string | RegExp,
  seconds = PATIENCE_SECONDS,
): Promise<void> {
  return eventually(async () => expect(await textOf(page, id)).toMatch(text), seconds);
}

/** Waits until an element is shown or isn't. */
export function expectShown(page: Page, id: string, isShown: boolean): Promise<void> {
  return eventuallyOnPage(async () => expect(await page.locator(`#${id}`).isVisible()).toBe(isShown));
}

export function pressNextDay(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Next day' }).click();
}

/** Waits until a page is live and has a status; before that its buttons and shortcuts do nothing. */
export async function waitUntilReady(page: Page): Promise<void> {
  await expectText(page, 'connection-text', 'Live');
  await page.getByRole('button', { name: 'Next day' }).click({ trial: true });
}

/** Waits until a page shows a day with all its sales. @param day From 1. */
export async function expectCompleteDay(page: Page, day: number): Promise<void> {
  await expectText(page, 'day-of', new RegExp(`^day ${day} of `));
  await expectText(page, 'kpi-events', '100 / 100');
  await expectText(page, 'progress-text', '100 of 100 sales');
}

/** The day a page shows, from 1; 0 before the first. */
export async function dayOf(page: Page): Promise<number> {
  return Number(/^day ([\d,]+)/.exec(await textOf(page, 'day-of'))?.[1]?.replace(',', '') ?? 0);
}

/** Saves a picture of a page for human eyes; nothing compares it. */
export function saveScreenshot(page: Page, name: string): Promise<unknown> {
  return page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}
