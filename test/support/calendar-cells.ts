import type { Page } from 'playwright-core';
import { calendarGrid } from '../../web/views/calendar.ts';

/** Height of the dates below the cells, in lines. */
const AXIS_LINES = 1.5;

/**
 * The centre of a day's cell on the page's calendar, within the page and within the calendar, as soon as the calendar's dates are
 * known.
 *
 * @param day From 1.
 */
export async function cellOf(page: Page, day: number, total: number) {
  const timeline = page.locator('#timeline[data-first-weekday]');
  const firstWeekday = Number(await timeline.getAttribute('data-first-weekday'));
  const calendar = await timeline.boundingBox();
  if (!calendar) throw new Error('The calendar has no box.');
  const text = await page.evaluate(
    () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.75,
  );
  const room = { width: calendar.width, height: calendar.height - AXIS_LINES * text, text };
  const { x, y, width, height } = calendarGrid({ total, firstWeekday }, room).boxOf(day - 1);
  const [left, top] = [x + width / 2, y + height / 2];
  return { x: calendar.x + left, y: calendar.y + top, left, top, calendar };
}
