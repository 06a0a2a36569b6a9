import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { ForecastAnswer, RunForecastsAnswer } from '../../web/answers.ts';
import { fetchPatiently } from '../support/http-client.ts';
import { eventuallyOnPage, expectCompleteDay, pageFixture, SCREENSHOTS } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 40 });

/** The file that a click makes the browser save. */
async function savedBy(page: Page, click: () => Promise<void>): Promise<{ name: string; content: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = `${SCREENSHOTS}/${download.suggestedFilename()}`;
  await download.saveAs(path);
  return { name: download.suggestedFilename(), content: await readFile(path) };
}

test('a chart is saved as CSV with the figures it shows, and the day as a picture', async () => {
  await stage.post('/simulation/next-day?days=22');
  const page = await stage.openPage({ viewport: { width: 1280, height: 2_400 } });
  await expectCompleteDay(page, 22);
  const chart = page.locator('#explore-panel-forecast .chart');
  await eventuallyOnPage(async () => expect(await chart.locator('canvas').isVisible()).toBe(true));
  const { name: file, content: csv } = await savedBy(page, () =>
    chart.getByRole('button', { name: 'CSV' }).click(),
  );
  const query = 'store_id=S001&product_id=P0001&horizon=14&history=56&day=22';
  const response = await fetchPatiently(`${stage.system.url}/demand/forecast?${query}`);
  const { forecast, history }: ForecastAnswer = await response.json();
  const lines = csv.toString().trimEnd().split('\r\n');
  expect(file).toBe('retail-forecast-S001-P0001.csv');
  expect(lines[0]).toBe(
    '\uFEFFDate,Sold,Forecast,Lower 80 %,Upper 80 %,Lower 95 %,Upper 95 %,Moving average',
  );
  expect(lines).toHaveLength(1 + history.length + forecast.length);
  expect(lines[1]).toBe(`2022-01-01,${history[0]?.units_sold},,,,,,`);
  const last = forecast.at(-1);
  const edges = [80, 95].flatMap((wanted) => {
    const interval = last?.intervals.find(({ level }) => level === wanted);
    return [interval?.lower, interval?.upper];
  });
  expect(lines.at(-1)).toContain(`${last?.date},,${last?.forecast_units},${edges.join(',')},`);

  const { name, content: picture } = await savedBy(page, () =>
    page.getByRole('button', { name: 'Save picture' }).click(),
  );
  expect(name).toBe('retail-2022-01-22.png');
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  // Width and height, as the PNG's header has them.
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([2_400, 1_260]);
  expect(picture.length).toBeGreaterThan(20_000);

  await page.getByRole('button', { name: 'Copy link' }).click();
  await eventuallyOnPage(async () =>
    expect(await page.locator('.share [role="status"]').textContent()).toMatch(/copied|\?day=22$/),
  );
  expect(stage.errors).toEqual([]);
});

test('the main chart is saved with dates, what was sold and forecast, and both intervals', async () => {
  await stage.post('/simulation/next-day?days=24');
  const page = await stage.openPage({ viewport: { width: 1280, height: 1_600 } });
  await expectCompleteDay(page, 24);
  // The sentence below the chart tells what was forecast once it is known.
  await eventuallyOnPage(async () =>
    expect(await page.locator('#days-text').textContent()).toMatch(/were forecast/),
  );
  const response = await fetchPatiently(`${stage.system.url}/demand/forecasts?day=24`);
  const { series }: RunForecastsAnswer = await response.json();
  const kept = series.find(({ level }) => level === 'all');
  const chart = page.locator('#days-chart');
  const { name, content } = await savedBy(page, () => chart.getByRole('button', { name: 'CSV' }).click());
  expect(name).toBe('retail-units-by-day-all-stores.csv');
  const lines = content.toString().trimEnd().split('\r\n');
  expect(lines[0]).toBe(
    '\uFEFFDate,Sold,Forecast,Lower 80 %,Upper 80 %,Lower 95 %,Upper 95 %,A year earlier',
  );
  expect(lines[1]).toMatch(/^2022-01-01,\d+,/);
  const edges = [80, 95].flatMap((wanted) => {
    const interval = kept?.intervals.find(({ level }) => level === wanted);
    return [interval?.lower, interval?.upper];
  });
  expect(lines).toContain(`2022-01-24,${kept?.actual},${kept?.forecast_units},${edges.join(',')},`);
});
