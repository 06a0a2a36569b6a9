import { expect, test } from 'vitest';
import * as z from 'zod';
import { dayOf, eventuallyOnPage, expectCompleteDay, pageFixture } from '../support/page-fixture.ts';

const PLAYED = 6;
const stage = pageFixture({ days: 90 });

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      args: z.object({ elementCount: z.number().optional() }).optional(),
    }),
  ),
});

/** Milliseconds depend on the machine, and `npm run bench` measures them; what is styled doesn't. */
test('a day of playback restyles fewer elements than the page has, by the browser’s own trace', async () => {
  await stage.post('/simulation/next-day?days=40');
  const page = await stage.openPage();
  await expectCompleteDay(page, 40);
  await page.getByRole('radio', { name: '1 day per second' }).check();
  await page.getByRole('button', { name: 'Play' }).click();
  // Without what only the first days cost.
  await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(43));
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser.');
  await browser.startTracing(page, { categories: ['devtools.timeline'] });
  const from = await dayOf(page);
  await eventuallyOnPage(async () => expect(await dayOf(page)).toBeGreaterThanOrEqual(from + PLAYED));
  const days = (await dayOf(page)) - from;
  const trace = traceSchema.parse(JSON.parse((await browser.stopTracing()).toString()));
  const styled = trace.traceEvents
    .filter(({ name }) => name === 'UpdateLayoutTree')
    .reduce((sum, { args }) => sum + (args?.elementCount ?? 0), 0);
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  expect(styled).toBeGreaterThan(0);
  expect(styled / days).toBeLessThan(elements);
});
