import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { TargetedKeyboardEvent, TargetedMouseEvent, TargetedPointerEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { calendarDates, calendarTicks, type DatedDay, type DayTick } from './calendar.ts';
import { themeChanges, useResizes, useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { smallText } from './theme.ts';
import { drawTimeline, type TimelineLook, timelineLook } from './timeline-canvas.ts';
import { dayAt, dayByKey, dayText, timelineColumns, timelineDays } from './timeline-layout.ts';

/** Days further ahead than this are travelled to only after a question: every viewer goes along. */
const FAR_DAYS = 7;

/**
 * The calendar as one row of columns, one for each day. Pointing names a day; a click, or Enter, looks at a past one or
 * advances to a later one.
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
  const look = useRef<(TimelineLook & { readonly theme: number }) | null>(null);
  const ticksOf = useMemo(createTicks, []);
  const shown = target.value ?? today;
  const text = useComputed(() => dayText(target.value ?? state.value.status?.day_index ?? -1, state.value));
  const days = useComputed(() => state.value.run.days);
  const status = useComputed(() => state.value.status);

  useSignalEffect(() => {
    const element = canvas.current;
    const theme = themeChanges().value;
    void resizes.value;
    void days.value;
    if (!element) return;
    if (look.current?.theme !== theme) look.current = { theme, ...timelineLook(element) };
    const current = state.peek();
    const { total_days: totalDays = 0, day_index: now = -1 } = status.value ?? {};
    drawTimeline(
      element,
      {
        columns: timelineColumns(timelineDays(current), element.clientWidth),
        totalDays,
        today: now,
        target: target.value,
        viewed: viewed.value,
        ticks: ticksOf(calendarDates(current), element.clientWidth / Math.max(1, totalDays)),
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
    const daysAhead = () => goal - (state.peek().status?.day_index ?? -1);
    const days = daysAhead();
    if (days <= 0) return page.look(days === 0 ? null : goal + 1);
    if (days > FAR_DAYS && !(await page.dialogs.askToTravel(dayText(target.value, state.peek()), days)))
      return;
    page.look(null);
    // The run may have moved on while the question was open.
    if (daysAhead() > 0) await page.controls.advance(daysAhead());
  }

  const dayUnder = ({ offsetX, currentTarget }: TargetedMouseEvent<HTMLElement>) =>
    dayAt(offsetX / currentTarget.clientWidth, total);

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
        role="slider"
        tabIndex={0}
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
      <Tip
        text={target.value === null ? null : text.value}
        centre={((target.value ?? 0) + 0.5) / Math.max(1, total)}
      />
      <p id="timeline-help" class="visually-hidden">
        Choose a day with the arrow keys, then press Enter: a past day is shown, to a later one every viewer
        advances. Escape returns to today.
      </p>
    </div>
  );
}

/** The tooltip of the day under the pointer, kept within the calendar. @param centre As a fraction of the calendar's width. */
function Tip({ text, centre }: { text: string | null; centre: number }) {
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = tip.current;
    const room = element?.parentElement?.clientWidth ?? 0;
    if (!element || text === null) return;
    const x = centre * room - element.offsetWidth / 2;
    element.style.transform = `translateX(${Math.max(0, Math.min(room - element.offsetWidth, x))}px)`;
  }, [text, centre]);
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
