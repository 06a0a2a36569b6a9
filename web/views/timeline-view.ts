import type { PageState } from '../state/state.ts';
import { calendarDates, calendarTicks, type DayTick } from './calendar.ts';
import { byId, setText } from './dom.ts';
import { onThemeChange, smallText } from './theme.ts';
import { drawTimeline, timelineLook } from './timeline-canvas.ts';
import { dayAt, dayByKey, dayText, timelineColumns, timelineDays } from './timeline-layout.ts';

/**
 * The calendar as one timeline: a column a day. Pointing shows a day; a click, or Enter, travels to a later one.
 *
 * @param travel Goes so many days ahead.
 */
export function createTimelineView(travel: (days: number) => void): (state: PageState) => void {
  const timeline = byId('timeline', HTMLElement);
  const canvas = byId('timeline-canvas', HTMLCanvasElement);
  const tip = byId('timeline-tip', HTMLElement);
  let look = timelineLook(timeline);
  let state: PageState | null = null;
  /** The day that is pointed at. */
  let target: number | null = null;
  let ticks: { readonly of: string; readonly marks: readonly DayTick[] } = { of: '', marks: [] };

  const total = () => state?.status?.total_days ?? 0;
  const today = () => state?.status?.day_index ?? -1;

  function draw(): void {
    if (!state) return;
    const columns = timelineColumns(timelineDays(state), canvas.clientWidth);
    drawTimeline(
      canvas,
      { columns, totalDays: total(), today: today(), target, ticks: ticksOf(state) },
      look,
    );
    const shown = target ?? today();
    timeline.setAttribute('aria-valuemax', String(Math.max(1, total())));
    timeline.setAttribute('aria-valuenow', String(Math.max(1, shown + 1)));
    timeline.setAttribute('aria-valuetext', shown < 0 ? 'before the first day' : dayText(shown, state));
    drawTip();
  }

  /** The dates are the same for the whole run: the marks are worked out anew only if there is more room. */
  function ticksOf(current: PageState): readonly DayTick[] {
    const dates = calendarDates(current);
    const dayPx = (canvas.clientWidth / Math.max(1, total())) * (12 / smallText());
    const of = `${dates[0]?.date} ${dates.length} ${dayPx}`;
    if (ticks.of !== of) ticks = { of, marks: calendarTicks(dates, dayPx) };
    return ticks.marks;
  }

  function drawTip(): void {
    tip.hidden = target === null || !state;
    if (target === null || !state) return;
    setText(tip, dayText(target, state));
    const x = ((target + 0.5) / Math.max(1, total())) * timeline.clientWidth - tip.offsetWidth / 2;
    tip.style.transform = `translateX(${Math.max(0, Math.min(timeline.clientWidth - tip.offsetWidth, x))}px)`;
  }

  function pointAt(dayIndex: number | null): void {
    target = dayIndex === null || total() === 0 ? null : Math.max(0, Math.min(total() - 1, dayIndex));
    draw();
  }

  function go(): void {
    const days = target === null ? 0 : target - today();
    if (days > 0) travel(days);
  }

  function onKey(event: KeyboardEvent): void {
    const dayIndex = dayByKey(event.key, target ?? today(), total() - 1);
    if (event.key === 'Enter') go();
    else if (event.key === 'Escape' || dayIndex !== null) pointAt(dayIndex);
    else return;
    event.preventDefault();
  }

  timeline.addEventListener('pointermove', ({ offsetX }) =>
    pointAt(dayAt(offsetX / timeline.clientWidth, total())),
  );
  timeline.addEventListener('pointerleave', () => pointAt(null));
  timeline.addEventListener('blur', () => pointAt(null));
  timeline.addEventListener('click', ({ offsetX, detail }) => {
    // A finger that lifts has left already, and points nowhere any more. A click without a pointer has no place.
    if (detail > 0) pointAt(dayAt(offsetX / timeline.clientWidth, total()));
    go();
  });
  timeline.addEventListener('keydown', onKey);
  new ResizeObserver(draw).observe(timeline);
  onThemeChange(() => {
    look = timelineLook(timeline);
    draw();
  });

  return (next) => {
    const isChanged = state?.run.days !== next.run.days || state.status !== next.status;
    state = next;
    if (isChanged) draw();
  };
}
