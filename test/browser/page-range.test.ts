import { describe, expect, test } from 'vitest';
import { eventuallyOnPage, expectWholeDay, pageStage, textOf } from '../support/page-stage.ts';

/** High enough that all charts are in sight: what is not isn't drawn. */
const TALL = { viewport: { width: 1280, height: 1600 } };
const stage = pageStage({ days: 40 });

describe('the days that are charted', () => {
  test('are chosen by a preset, by keyboard on the brush, and by dragging on it', async () => {
    await stage.post('/simulation/next-day?days=40');
    const page = await stage.openPage(TALL);
    await expectWholeDay(page, 40);
    const days = () => page.locator('#days-chart canvas').getAttribute('aria-label');
    const expectDays = (count: number) =>
      eventuallyOnPage(async () => expect(await days()).toMatch(`Line chart of ${count} days`));
    await expectDays(40);
    await page.getByRole('radio', { name: '30 days' }).check();
    await expectDays(30);
    await page.getByRole('slider', { name: 'First day shown' }).focus();
    await page.keyboard.press('ArrowRight');
    await expectDays(29);
    await page.keyboard.press('Home');
    await expectDays(40);
    const box = await page.locator('#brush').boundingBox();
    if (!box) throw new Error('The brush has no box.');
    await page.mouse.move(box.x + box.width * 0.2501, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.49, box.y + 10);
    await page.mouse.up();
    await expectDays(10);
    expect(await textOf(page, 'day-of')).toBe('day 40 of 40');
  });
});
