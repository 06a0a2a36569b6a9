import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type RunningSystem, startSystem } from '../support/system.ts';

// A busy machine may be slow to render the page.
vi.setConfig({ testTimeout: 480_000 });

const SCREENSHOTS = '.local/screenshots';

/** The page of the documentation as a developer uses it. */
let system: RunningSystem;
let browser: Browser;
let page: Page;
/** What the page requested, and the errors it reported. */
const requested: string[] = [];
const errors: string[] = [];

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  [system, browser] = await Promise.all([startSystem({ days: 30 }), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.setDefaultTimeout(120_000);
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  await page.goto(`${system.url}/docs`);
}, 480_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

const operation = (id: string) => page.locator(`[id$="-${id}"]`);

it('the documentation shows every operation, with errors and schemas', async () => {
  await page.waitForSelector('.opblock');
  const documented = Object.values((await (await fetch(`${system.url}/openapi.json`)).json()).paths);
  const operations = documented.flatMap((item) => Object.values(item as object));
  await eventually(async () => expect(await page.locator('.opblock').count()).toBe(operations.length));
  expect(await page.locator('.info').textContent()).toMatch(
    /Retail Time Machine[\s\S]*dependency_unavailable/,
  );
  const { y = Number.NaN } = (await page.locator('.opblock').first().boundingBox()) ?? {};
  expect(y, 'the first operation is on the first screen').toBeLessThan(1_000);
  const back = page.getByRole('link', { name: 'The live page' });
  expect(await back.evaluate((link: HTMLAnchorElement) => link.href)).toBe(`${system.url}/stream/live`);
  await page.screenshot({ path: `${SCREENSHOTS}/docs.png` });
});

it('an operation can be tried with the values of its example, and its answer is shown', async () => {
  const block = operation('recentSales');
  await block.locator('.opblock-summary-control').click();
  await block.locator('.execute').click();
  const answer = block.locator('.live-responses-table .response');
  await answer.waitFor();
  expect(await answer.locator('.response-col_status').textContent()).toContain('200');
  expect(await answer.textContent()).toContain('"events"');
  expect(requested).toContain(`${system.url}/sales/recent?limit=2`);
  await page.screenshot({ path: `${SCREENSHOTS}/docs-tried.png` });
});

it('a tried operation sends its body and the token that was entered', async () => {
  await page.locator('.auth-wrapper .authorize').first().click();
  await page.locator('.auth-container input').fill('token-of-the-test');
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
  const block = operation('declareDayTotal');
  await block.locator('.opblock-summary-control').click();
  const sent = page.waitForRequest(`${system.url}/simulation/day-total`);
  await block.locator('.execute').click();
  const request = await sent;
  expect(request.postDataJSON()).toEqual({ total: 100 });
  expect(await request.headerValue('authorization')).toBe('Bearer token-of-the-test');
  expect((await request.response())?.status()).toBe(200);
});

it('the documentation is as dark or light as the device, and begins its rules with what is not a table of codes', async () => {
  const groundOf = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await groundOf();
  await page.emulateMedia({ colorScheme: 'dark' });
  await eventually(async () => expect(await groundOf()).not.toBe(light));
  await page.screenshot({ path: `${SCREENSHOTS}/docs-dark.png` });
  await page.emulateMedia({ colorScheme: 'light' });
  await eventually(async () => expect(await groundOf()).toBe(light));
  const rules = (await page.locator('.info__description').textContent()) ?? '';
  expect(rules.indexOf('Methods.')).toBeGreaterThan(0);
  expect(rules.indexOf('Methods.')).toBeLessThan(rules.indexOf('dependency_unavailable'));
});

it('the documentation requests nothing from other hosts, and keeps to its Content-Security-Policy', () => {
  expect(requested.filter((url) => !url.startsWith(`${system.url}/`) && !url.startsWith('data:'))).toEqual(
    [],
  );
  expect(errors).toEqual([]);
});
