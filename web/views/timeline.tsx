import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { TargetedKeyboardEvent, TargetedMouseEvent, TargetedPointerEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { shownDay } from '../state/state.ts';
import {
  calendarBegin,
  calendarGrid,
  calendarTicks,
  type DatedDay,
  type DayTick,
  datesFrom,
  weekdayOf,
} from './calendar.ts';
import { AXIS_LINES, type CalendarLook, calendarLook, drawCalendar } from './calendar-canvas.ts';
import { themeChanges, useResizes, useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { smallText } from './theme.ts';
import { dayByKey, daysLeftTo, dayText, marksText } from './timeline-layout.ts';

/** Days further ahead than this are travelled to only after a question: every viewer goes along. */
const FAR_DAYS = 7;

/**
 * The calendar: a row for each weekday and a column for each week, shaded by net revenue. Pointing names a day; a click, or
 * Enter, looks at a past one or advances to a later one.
 */
export function Timeline({ page }: { page: Page }) {
  const { state } = page.store;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  /** The day under the pointer, or chosen by key; null if there is none. */
  const target = useSignal<number | null>(null);
  const total = useSelected(page.store, ({ status }) => status?.total_days ?? 0);
  const today = useSelected(page.store, ({ status }) => status?.day_index ?? -1);
  const viewed = useComputed(() => page.past.value?.dayIndex ?? null);
  const resizes = useResizes(box);
  const look = useRef<(CalendarLook & { readonly theme: number }) | null>(null);
  const ticksOf = useMemo(createTicks, []);
  const shown = target.value ?? today;
  const { stockOuts } = page;
  const days = useComputed(() => state.value.run.days);
  // Primitives: depending on the status itself, the calendar would be drawn again with each one.
  const begin = useComputed(() => calendarBegin(state.value) ?? beginBefore());
  const totalDays = useComputed(() => state.value.status?.total_days ?? 0);
  const requested = useComputed(() => state.value.status?.day_index ?? -1);
  const dates = useComputed(() => datesFrom(begin.value, totalDays.value));
  const firstWeekday = useComputed(() => (dates.value[0] ? weekdayOf(dates.value[0].date) : null));
  /** The day whose figures are shown; while days are under way, the status is ahead of it. */
  const arrived = useComputed(() => shownDay(state.value)?.dayIndex ?? -1);
  const nameOf = (dayIndex: number) => dayText(dayIndex, state.value, dates.value[dayIndex]?.date);
  const text = useComputed(() => {
    const dayIndex = target.value ?? state.value.status?.day_index ?? -1;
    const marks = marksText(days.value.get(dayIndex), stockOuts.value.get(dayIndex)?.sales ?? 0);
    return `${nameOf(dayIndex)}${marks}`;
  });

  /** Before the first day the data set tells when it begins; a known day that contradicts it is right. */
  function beginBefore(): number | null {
    return state.value.run.days.size === 0 && state.value.status?.current_day == null
      ? page.calendarBegin.value
      : null;
  }

  /** The cells of the calendar in the room that its element has. */
  function gridOf({ clientWidth: width, clientHeight }: Element) {
    const small = smallText();
    const height = clientHeight - small * AXIS_LINES;
    return calendarGrid({ total, firstWeekday: firstWeekday.peek() }, { width, height, text: small });
  }

  useSignalEffect(() => {
    const element = canvas.current;
    const theme = themeChanges().value;
    void resizes.value;
    if (!element) return;
    if (look.current?.theme !== theme) look.current = { theme, ...calendarLook(element) };
    const { text: size, axisHeight } = look.current;
    const room = { width: element.clientWidth, height: element.clientHeight - axisHeight, text: size };
    const grid = calendarGrid({ total: totalDays.value, firstWeekday: firstWeekday.value }, room);
    drawCalendar(
      element,
      {
        grid,
        total: totalDays.value,
        days: days.value,
        stockOuts: stockOuts.value,
        today: arrived.value,
        requested: requested.value,
        target: target.value,
        viewed: viewed.value,
        ticks: ticksOf(dates.value, grid.columnWidth / 7),
      },
      look.current,
    );
  });

  function pointAt(dayIndex: number | null): void {
    target.value = dayIndex === null || total === 0 ? null : Math.max(0, Math.min(total - 1, dayIndex));
  }

  /** Travels to a day ahead, or looks at a past one; today follows the run again. */
  async function go(): Promise<void> {
    if (target.value === null) return;
    const goal = target.value;
    const asked = state.peek().status;
    const days = goal - (asked?.day_index ?? -1);
    if (days <= 0) return page.look(days === 0 ? null : goal + 1);
    if (days > FAR_DAYS && !(await page.dialogs.askToTravel(nameOf(goal), days))) return;
    const left = daysLeftTo(goal, asked, state.peek().status);
    if (left === null) return;
    page.look(null);
    if (left > 0) await page.controls.advance(left);
  }

  function centreOf(dayIndex: number | null): number {
    if (dayIndex === null || !box.current) return 0;
    const { x, width } = gridOf(box.current).boxOf(dayIndex);
    return x + width / 2;
  }

  const dayUnder = ({ offsetX, offsetY, currentTarget }: TargetedMouseEvent<HTMLElement>) =>
    gridOf(currentTarget).dayAt(offsetX, offsetY);

  function onKey(event: TargetedKeyboardEvent<HTMLElement>): void {
    const dayIndex = dayByKey(event.key, target.value ?? today, total - 1);
    if (event.key === 'Enter') void go();
    // Without a chosen day, Escape is the page's key: it returns from a past day.
    else if (event.key === 'Escape' ? target.value !== null : dayIndex !== null) pointAt(dayIndex);
    else return;
    event.preventDefault();
  }

  return (
    <div class="timeline-box">
      <div
        id="timeline"
        ref={box}
        class="timeline"
        data-is-pointed={target.value !== null}
        // Absent until the dates are known: the cells then move by some weekdays.
        data-first-weekday={firstWeekday.value ?? undefined}
        role="slider"
        // A kiosk ignores chosen days: choosing one ahead would advance every viewer.
        tabIndex={page.address.value.isKiosk ? -1 : 0}
        aria-label="Days of the calendar"
        aria-valuemin={1}
        aria-valuemax={Math.max(1, total)}
        aria-valuenow={Math.max(1, shown + 1)}
        aria-valuetext={shown < 0 ? 'before the first day' : text}
        aria-describedby="timeline-help"
        onPointerMove={(event: TargetedPointerEvent<HTMLElement>) => pointAt(dayUnder(event))}
        onPointerLeave={() => pointAt(null)}
        onBlur={() => pointAt(null)}
        onClick={(event: TargetedMouseEvent<HTMLElement>) => {
          // A lifted finger has already left and no longer points anywhere. A click without a pointer has no position.
          if (event.detail > 0) pointAt(dayUnder(event));
          void go();
        }}
        onKeyDown={onKey}
      >
        <canvas id="timeline-canvas" ref={canvas} aria-hidden="true" />
      </div>
      <Tip text={target.value === null ? null : text.value} centreOf={() => centreOf(target.peek())} />
      <ul class="key quiet" aria-hidden="true">
        <li>
          <span class="swatch" data-look="scale" />
          net revenue, less to more
        </li>
        {!page.missing.value.has('is_holiday_promo') && (
          <li>
            <span class="swatch" data-look="marked-promotion" />
            promotion
          </li>
        )}
        {!page.missing.value.has('inventory_level') && (
          <li>
            <span class="swatch" data-look="marked-sold-out" />
            sold out
          </li>
        )}
      </ul>
      <p id="timeline-help" class="visually-hidden">
        Choose a day with the arrow keys. Enter shows a past day, or advances every viewer to a later one.
        Escape returns to today.
      </p>
    </div>
  );
}

/** The tooltip of the day under the pointer, kept within the calendar. @param centreOf Where it points to, in px. */
function Tip({ text, centreOf }: { text: string | null; centreOf(): number }) {
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = tip.current;
    const room = element?.parentElement?.clientWidth ?? 0;
    if (!element || text === null) return;
    const x = centreOf() - element.offsetWidth / 2;
    element.style.transform = `translateX(${Math.max(0, Math.min(room - element.offsetWidth, x))}px)`;
  }, [text]);
  return (
    <div id="timeline-tip" ref={tip} class="tip" hidden={text === null}>
      {text}
    </div>
  );
}

/** The dates don't change during a run: marks are computed again only when their room changes. */
function createTicks(): (dates: readonly DatedDay[], dayPx: number) => readonly DayTick[] {
  let known: { readonly of: string; readonly ticks: readonly DayTick[] } = { of: '', ticks: [] };
  return (dates, dayPx) => {
    const scaled = dayPx * (12 / smallText());
    const of = `${dates[0]?.date} ${dates.length} ${scaled}`;
    if (known.of !== of) known = { of, ticks: calendarTicks(dates, scaled) };
    return known.ticks;
  };
}
