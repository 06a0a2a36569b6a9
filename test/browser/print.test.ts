import { extractText, getDocumentProxy } from 'unpdf';
import { expect, test } from 'vitest';
import {
  eventuallyOnPage,
  expectCompleteDay,
  pageFixture,
  SCREENSHOTS,
  saveScreenshot,
  textOf,
} from '../support/page-fixture.ts';

const stage = pageFixture({ days: 40 });

async function textOfPdf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return text.replaceAll(/\s+/g, ' ');
}

test('a print of a page that was never scrolled has the figures of every panel, and no blank chart', async () => {
  await stage.post('/simulation/next-day?days=24');
  const page = await stage.openPage({ colorScheme: 'dark' });
  await expectCompleteDay(page, 24);
  // Everything that is out of sight fills once the run rests.
  await eventuallyOnPage(async () => {
    expect(await page.locator('#explore tr[data-marked]').count()).toBeGreaterThan(0);
    for (const table of ['stores', 'products', 'cells'])
      expect(await page.locator(`#${table} td`).count()).toBeGreaterThan(0);
    expect(await textOf(page, 'days-text')).toMatch(/were forecast/);
    expect(await textOf(page, 'kpi-forecast')).toMatch(/\d/);
    expect(await textOf(page, 'proof-stored')).toBe('2,400');
    expect(await page.locator('#climate td').count()).toBeGreaterThan(0);
    expect(await page.locator('#price-line').textContent()).toMatch(/Elasticity/);
    expect(await page.locator('#attention-day').textContent()).toMatch(/24 Jan/);
    // What to order comes after what needs attention.
    expect(await page.locator('#attention .order', { hasText: /order \d/ }).count()).toBeGreaterThan(0);
  });
  const blankCharts = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas:not([hidden])')]
        .filter((canvas) => canvas.checkVisibility())
        .filter((canvas) => {
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
            data: [],
          };
          return !data.some((value) => value > 0);
        })
        .map((canvas) => canvas.getAttribute('aria-label')),
    );
  // A chart that was just filled is drawn in the next frame.
  await eventuallyOnPage(async () => expect(await blankCharts()).toEqual([]));

  const pdf = await page.pdf({ path: `${SCREENSHOTS}/print.pdf`, format: 'A4', printBackground: true });
  const text = await textOfPdf(pdf);
  for (const id of ['kpi-revenue', 'kpi-units', 'proof-stored', 'date']) {
    expect(text).toContain((await textOf(page, id)).trim());
  }
  for (const title of ['Needs attention', 'Live sales', 'Explore', 'Backtest', 'DynamoDB', 'Proof']) {
    expect(text).toContain(title);
  }
  const cells = await page
    .locator('#stores td, #products td, #climate td, #cells td, #explore tr[data-marked] td')
    .allTextContents();
  for (const cell of cells.filter((each) => /\d/.test(each))) expect(text).toContain(cell.trim());
  const sentences = await page
    .locator('#attention li > *, #days-text, #price-line, .figures:not([hidden]) dd > *')
    .evaluateAll((all) => all.filter((each) => each.checkVisibility()).map((each) => each.textContent ?? ''));
  expect(sentences.length).toBeGreaterThan(8);
  for (const sentence of sentences) expect(text).toContain(sentence.replaceAll(/\s+/g, ' ').trim());
  expect(text).not.toMatch(
    /Next day|Pause|Reset|Break something|What is measured|Return|Dismiss|Try again|CSV|Copy link/,
  );
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 794, height: 1_123 });
  await page.screenshot({ path: `${SCREENSHOTS}/print.png`, fullPage: true });
  await saveScreenshot(page, 'print-first');
  expect(stage.errors).toEqual([]);
});
