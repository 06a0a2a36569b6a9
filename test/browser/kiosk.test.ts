import { expect, test } from 'vitest';
import { eventuallyOnPage, expectText, pageFixture, saveScreenshot } from '../support/page-fixture.ts';

const stage = pageFixture({ days: 10 });

test('a kiosk at 4K has no controls and large type, plays every day, and then begins again', async () => {
  await stage.post('/simulation/next-day?days=7');
  const page = await stage.openPage({ viewport: { width: 3_840, height: 2_160 }, search: '?kiosk' });
  await expectText(page, 'day-of', /^day 10 of /);
  await expectText(page, 'kpi-events', '100 / 100');
  expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
  expect(await page.getByRole('combobox').filter({ visible: true }).count()).toBe(0);
  const size = await page.evaluate(() => {
    const figure = document.querySelector('#kpi-revenue');
    return {
      figure: figure ? Number.parseFloat(getComputedStyle(figure).fontSize) : 0,
      width: document.documentElement.scrollWidth,
    };
  });
  expect(size.figure).toBeGreaterThan(50);
  expect(size.width).toBeLessThanOrEqual(3_840);
  await saveScreenshot(page, 'kiosk-4k');
  // The end is shown for a while; then another run begins by itself.
  await eventuallyOnPage(async () => {
    const text = (await page.locator('#day-of').textContent()) ?? '';
    expect(Number(/^day (\d+)/.exec(text)?.[1] ?? 0)).toBeLessThan(5);
  });
  // What a busy machine doesn't answer in time is asked for again.
  expect(stage.errors.filter((error) => !error.includes(' 503 '))).toEqual([]);
});
