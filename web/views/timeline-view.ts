import type { PageState } from '../state/state.ts';
import { calendarDates, calendarTicks, type DayTick } from './calendar.ts';
import { byId, setText } from './dom.ts';
import { onThemeChange, smallText } from './theme.ts';
import { drawStrip, stripLook } from './timeline-canvas.ts';
import { dayAt, dayByKey, dayText, stripColumns, stripDays } from './timeline-layout.ts';

/**
 * The calendar as one strip: a column a day. Pointing shows a day; a click, or Enter, travels to a later one.
 *
 * @param travel Goes so many days ahead.
 */
export function createStripView(travel: (days: number) => void): (state: PageState) => void {
  const strip = byId('strip', HTMLElement);
  const canvas = byId('strip-canvas', HTMLCanvasElement);
  const tip = byId('strip-tip', HTMLElement);
  let look = stripLook(strip);
  let state: PageState | null = null;
  /** The day that is pointed at. */
  let target: number | null = null;
  let ticks: { readonly of: string; readonly marks: readonly DayTick[] } = { of: '', marks: [] };

  const total = () => state?.status?.total_days ?? 0;
  const today = () => state?.status?.day_index ?? -1;

  function draw(): void {
    if (!state) return;
    const columns = stripColumns(stripDays(state), canvas.clientWidth);
    drawStrip(canvas, { columns, totalDays: total(), today: today(), target, ticks: ticksOf(state) }, look);
    const shown = target ?? today();
    strip.setAttribute('aria-valuemax', String(Math.max(1, total())));
    strip.setAttribute('aria-valuenow', String(Math.max(1, shown + 1)));
    strip.setAttribute('aria-valuetext', shown < 0 ? 'before the first day' : dayText(shown, state));
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
    const x = ((target + 0.5) / Math.max(1, total())) * strip.clientWidth - tip.offsetWidth / 2;
    tip.style.transform = `translateX(${Math.max(0, Math.min(strip.clientWidth - tip.offsetWidth, x))}px)`;
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

  strip.addEventListener('pointermove', ({ offsetX }) =>
    pointAt(dayAt(offsetX / strip.clientWidth, total())),
  );
  strip.addEventListener('pointerleave', () => pointAt(null));
  strip.addEventListener('blur', () => pointAt(null));
  strip.addEventListener('click', ({ offsetX, detail }) => {
    // A finger that lifts has left already, and points nowhere any more. A click without a pointer has no place.
    if (detail > 0) pointAt(dayAt(offsetX / strip.clientWidth, total()));
    go();
  });
  strip.addEventListener('keydown', onKey);
  new ResizeObserver(draw).observe(strip);
  onThemeChange(() => {
    look = stripLook(strip);
    draw();
  });

  return (next) => {
    const isChanged = state?.run.days !== next.run.days || state.status !== next.status;
    state = next;
    if (isChanged) draw();
  };
}
