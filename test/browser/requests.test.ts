import type { Page, Request, Response } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventuallyOnPage, expectCompleteDay, expectText, pageFixture } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });
/** A busy machine may refuse a request now and then. */
const MOST_VISITS = 3;
const TABS = ['Price', 'Promotion', 'Replenishment', 'Optimize', 'Forecast'];

/**
 * What a response answers: its method, address and body, without the id up to which a history is read, as the whole run then has
 * the same answer.
 */
function questionOf(response: Response): string {
  const request = response.request();
  const { pathname, searchParams } = new URL(request.url());
  searchParams.delete('before_id');
  searchParams.sort();
  return `${request.method()} ${pathname}?${searchParams} ${request.postData() ?? ''}`;
}

/** What a visit of the page has asked, and what may have made it ask again. */
interface Visit {
  readonly questions: readonly string[];
  /** Refused, failed and incomplete answers: the page rightly asks again for them, and for what it shows beside them. */
  refusals(): Promise<readonly string[]>;
}

/** What the page follows until it is known: the lag while Kafka doesn't tell it, the time at which a day was published. */
const INCOMPLETE = /"(consumer_lag|published_at)":null/;

/** Records the requests that are sent from now on, and their answers. */
function recordVisit(page: Page): Visit {
  const sent = new Set<Request>();
  const questions: string[] = [];
  const refusals: string[] = [];
  const readings: Promise<void>[] = [];

  async function noteIncomplete(response: Response): Promise<void> {
    const text = await response.text().catch(() => 'no body');
    if (text === 'no body' || INCOMPLETE.test(text)) refusals.push(`incomplete ${response.url()}`);
  }

  page.on('request', (request) => sent.add(request));
  page.on('requestfailed', (request) => {
    if (sent.has(request)) refusals.push(`failed ${request.url()}`);
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (!sent.has(response.request())) return;
    if (!response.ok() && response.status() !== 304) refusals.push(`${response.status()} ${pathname}`);
    else if (!pathname.startsWith('/stream/')) questions.push(questionOf(response));
    if (pathname === '/metrics' || pathname.endsWith('/days')) readings.push(noteIncomplete(response));
  });
  return {
    questions,
    refusals: async () => {
      await Promise.all(readings);
      return refusals;
    },
  };
}

async function expectTabFilled(page: Page, name: string): Promise<void> {
  const panel = page.locator('#explore [role="tabpanel"]:not([hidden])');
  await expect.poll(() => page.getByRole('tab', { name }).getAttribute('aria-selected')).toBe('true');
  await expect.poll(() => panel.locator('.explore-foot').textContent()).toContain('day 40');
  await expect.poll(() => panel.getAttribute('aria-busy')).toBe('false');
}

/** Loads the page from the start, and opens each of its tabs. */
async function visitAllTabs(page: Page): Promise<Visit> {
  // What the page before has asked must not count, nor may it ask on until the new one is there.
  await page.goto('about:blank');
  const visit = recordVisit(page);
  await page.goto(`${stage.system.url}/stream/live`);
  await expectCompleteDay(page, 40);
  for (const [id, text] of [
    ['trace', /lag 0.*4,000 of 4,000 stored/],
    ['attention-day', /2022/],
    ['attention', /order \d/],
    ['stores-day', /2022/],
    ['climate', /n \d/],
    ['days-text', /were forecast/],
    ['kpi-sold-out', /\d/],
    ['proof-stored', /4,000/],
  ] as const) {
    await expectText(page, id, text);
  }
  await expectTabFilled(page, 'Forecast');
  for (const name of TABS) {
    await page.getByRole('tab', { name }).click();
    await expectTabFilled(page, name);
  }
  await eventuallyOnPage(() => expect(visit.questions.join()).toContain('/optimize/history'));
  return visit;
}

test('the first view, and each tab of Explore, asks nothing twice', async () => {
  await stage.post('/simulation/next-day?days=40');
  const page = await stage.openPage({ viewport: { width: 1280, height: 3_200 } });
  await expectCompleteDay(page, 40);
  // Afterwards nothing is under way that is asked about until it is over.
  await expectText(page, 'trace', /lag 0.*4,000 of 4,000 stored, 0 lost, 0 doubled/);
  await eventuallyOnPage(async () => {
    const proof = await (await fetch(`${stage.system.url}/proof`)).json();
    expect(proof.verified_days).toBe(40);
  });

  let repeated: readonly string[] = [];
  for (let visits = 0; visits < MOST_VISITS; visits += 1) {
    const visit = await visitAllTabs(page);
    repeated = visit.questions.filter((question, index) => visit.questions.indexOf(question) !== index);
    // Only a refusal excuses that something was asked again, and only until a visit without one.
    if (repeated.length === 0 || (await visit.refusals()).length === 0) break;
  }
  expect(repeated).toEqual([]);
  expect(stage.errors).toEqual([]);
});
