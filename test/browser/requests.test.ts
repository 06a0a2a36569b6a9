import type { Page, Request, Response } from 'playwright-core';
import { expect, test } from 'vitest';
import { operations } from '../../shared/api/operations.ts';
import { eventuallyOnPage, expectCompleteDay, expectText, pageFixture } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });
/** A busy machine may refuse a request now and then, or take long. */
const MOST_VISITS = 8;
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

/** A report is due when a day takes 5 s: a history that is shown later than this (ms) proves nothing. */
const LONGEST_HOLD_MS = 3_000;

/**
 * Holds back the sales of the stream, which follow its opening, until the page shows the history of the days before them, as it happens
 * where MySQL is slow. `heldMs` of the page tells how long.
 */
function holdSales(page: Page): Promise<unknown> {
  return page.addInitScript((address: string) => {
    const { fetch } = globalThis;
    // Of the day before that of the stream.
    const isHistoryShown = () => document.getElementById('days-text')?.textContent?.includes('8 Feb 2022');
    globalThis.fetch = async (...request) => {
      const response = await fetch(...request);
      if (!String(request[0]).includes(address) || !response.body) return response;
      let early = '';
      let isHeld = true;
      const held = new TransformStream<string, string>({
        async transform(chunk, controller) {
          if (!isHeld) return controller.enqueue(chunk);
          early += chunk;
          // Only sales have an id; a line may continue in the next chunk.
          const firstSale = early.search(/^id:/m);
          const end = firstSale < 0 ? early.lastIndexOf('\n') + 1 : firstSale;
          controller.enqueue(early.slice(0, end));
          early = early.slice(end);
          if (firstSale < 0) return;
          const begin = performance.now();
          while (!isHistoryShown()) await new Promise(requestAnimationFrame);
          Object.assign(globalThis, { heldMs: performance.now() - begin });
          isHeld = false;
          controller.enqueue(early);
        },
      });
      const text = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(held);
      return new Response(text.pipeThrough(new TextEncoderStream()), response);
    };
  }, operations.streamEvents.path);
}

/** Loads the page, whose sales are held back. A visit that took too long has a reason to ask again. */
async function visitWithLateSales(page: Page): Promise<Visit> {
  await page.goto('about:blank');
  const { questions, refusals } = recordVisit(page);
  await page.goto(`${stage.system.url}/stream/live`);
  await expectCompleteDay(page, 40);
  await expectText(page, 'trace', /lag 0.*4,000 of 4,000 stored/);
  await expectText(page, 'trace-about', /day 40$/);
  expect(questions.join()).toContain('then_by=region');
  const heldMs = await page.evaluate<number>('heldMs');
  const late = heldMs > LONGEST_HOLD_MS ? [`sales held for ${heldMs} ms`] : [];
  return { questions, refusals: async () => [...(await refusals()), ...late] };
}

/** The questions that a visit repeats, without a refusal that excuses it; a visit that met with one is made again. */
async function repeatedIn(visitPage: (page: Page) => Promise<Visit>, page: Page): Promise<readonly string[]> {
  for (let visits = 1; ; visits += 1) {
    const { questions, refusals } = await visitPage(page);
    const repeated = questions.filter((question, index) => questions.indexOf(question) !== index);
    if (repeated.length === 0 || visits === MOST_VISITS) return repeated;
    if ((await refusals()).length === 0) return repeated;
  }
}

/** Plays 40 days and opens the page. Afterwards nothing is under way that is asked about until it is over. */
async function openSettledPage(): Promise<Page> {
  await stage.post('/simulation/next-day?days=40');
  const page = await stage.openPage({ viewport: { width: 1280, height: 3_200 } });
  await expectCompleteDay(page, 40);
  await expectText(page, 'trace', /lag 0.*4,000 of 4,000 stored, 0 lost, 0 doubled/);
  await eventuallyOnPage(async () => {
    const proof = await (await fetch(`${stage.system.url}/proof`)).json();
    expect(proof.verified_days).toBe(40);
  });
  return page;
}

// Joined, so that the message of a failure names what was asked again.
test('the first view, and each tab of Explore, asks nothing twice', async () => {
  const page = await openSettledPage();
  expect((await repeatedIn(visitAllTabs, page)).join('; ')).toBe('');
  expect(stage.errors).toEqual([]);
});

test('a page whose sales arrive after the history of the run asks nothing twice', async () => {
  const page = await openSettledPage();
  await holdSales(page);
  expect((await repeatedIn(visitWithLateSales, page)).join('; ')).toBe('');
  expect(stage.errors).toEqual([]);
});
