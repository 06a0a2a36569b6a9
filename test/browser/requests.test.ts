import type { Page, Response } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventuallyOnPage, expectCompleteDay, expectText, pageFixture } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 60 });
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

/** Collects the answered questions; one that failed or was given up may be asked again. */
function collectQuestions(page: Page): string[] {
  const questions: string[] = [];
  // What the page before a reload asked last may be answered until then.
  page.on('request', (request) => {
    if (request.isNavigationRequest()) questions.length = 0;
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    // Explore's forecast is begun again, with its three requests, when one of them was given up.
    const isBegunAgain = pathname.startsWith('/demand/');
    if (response.ok() && !pathname.startsWith('/stream/') && !isBegunAgain)
      questions.push(questionOf(response));
  });
  return questions;
}

async function expectTabFilled(page: Page, name: string): Promise<void> {
  const panel = page.locator('#explore [role="tabpanel"]:not([hidden])');
  await expect.poll(() => page.getByRole('tab', { name }).getAttribute('aria-selected')).toBe('true');
  await expect.poll(() => panel.locator('.explore-foot').textContent()).toContain('day 40');
  await expect.poll(() => panel.getAttribute('aria-busy')).toBe('false');
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

  const questions = collectQuestions(page);
  await page.reload();
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
  await eventuallyOnPage(() => expect(questions.join()).toContain('/optimize/history'));
  expect(questions.filter((question, index) => questions.indexOf(question) !== index)).toEqual([]);
  expect(stage.errors).toEqual([]);
});
