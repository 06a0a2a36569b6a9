import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StatusMessage } from '../../shared/api/live.ts';
import { formatDate, formatInteger } from '../format.ts';
import { dayAfter } from '../state/address.ts';
import { Button } from './controls.tsx';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { Pipeline } from './pipeline.tsx';
import { connectionText, createSpeaker, isSilent } from './words.ts';

/** How long (ms) a far advance by another viewer is announced. */
const ANNOUNCED_MS = 20_000;

/** The bar at the top: the date, the day, how this page is connected, and the pipeline. */
export function Header({ page }: { page: Page }) {
  const status = useSelected(page.store, (state) => state.status);
  // The date of the figures: while the pipeline lags, only the timeline shows how far the simulation is.
  const shown = useComputed(() => page.looking.value.day).value;
  const date = shown?.date ?? status?.current_day;
  const dayIndex = shown?.dayIndex ?? status?.day_index ?? -1;
  return (
    <header class="bar">
      <h1>
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M1 12h3v7H1zm5-5h3v12H6zm5 3h3v9h-3zm5-9h3v18h-3z" />
        </svg>
        Retail Time Machine
      </h1>
      <div class="now-and-connection">
        <p class="now">
          <StepButton page={page} days={-1} />
          <time id="date" class="now-date" dateTime={date ?? ''}>
            {date ? formatDate(date) : dateBefore(status)}
          </time>
          <StepButton page={page} days={1} />
          <span id="day-of" class="quiet">
            {status && `day ${formatInteger(dayIndex + 1)} of ${formatInteger(status.total_days)}`}
          </span>
        </p>
        <Connection page={page} />
      </div>
      <Pipeline page={page} />
    </header>
  );
}

/** Steps through the past days: ◀ to the day before the shown one, ▶ to the one after it, at last to the run itself. */
function StepButton({ page, days }: { page: Page; days: -1 | 1 }) {
  const isPressable = useComputed(
    () => dayAfter(page.looking.value, days, page.store.state.value.status) !== 'none',
  ).value;
  const isBack = days === -1;
  return (
    <Button
      id={isBack ? 'day-before' : 'day-after'}
      class="step"
      title={isBack ? 'The day before (key ,)' : 'The day after (key .)'}
      aria-label={isBack ? 'Show the day before' : 'Show the day after'}
      aria-keyshortcuts={isBack ? ',' : '.'}
      isPressable={isPressable}
      onPress={() => page.step(days)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={isBack ? 'M11 2.5v11L3 8z' : 'M5 2.5v11l8-5.5z'} />
      </svg>
    </Button>
  );
}

function dateBefore(status: StatusMessage | null): string {
  if (!status) return '–';
  return status.total_days > 0 ? 'Before the first day' : 'No calendar yet';
}

function Connection({ page }: { page: Page }) {
  const { state, now } = page.store;
  const kind = useSelected(page.store, ({ connection }) => connection.kind);
  const silent = useComputed(() => isSilent(state.value, now.value, page.heardAt.value)).value;
  const { text, figure, isWaiting } = useComputed(() =>
    connectionText(state.value, now.value, page.heardAt.value),
  ).value;
  const travelled = useSelected(page.store, (state) => state.travelled);
  useEffect(() => {
    if (travelled === null) return;
    const timer = setTimeout(() => page.store.dispatch({ type: 'noticed', what: 'travel' }), ANNOUNCED_MS);
    return () => clearTimeout(timer);
  }, [travelled]);
  return (
    <p id="connection" class="connection" data-state={silent ? 'silent' : kind}>
      <span class="lamp" aria-hidden="true" />
      <span id="connection-text">
        <span>{figure ? `${text} ·` : text}</span>
        <span class="roomy">{figure && ` ${figure.meaning}`}</span>
        <span>{figure && ` ${figure.value}`}</span>
      </span>
      <button type="button" class="link" hidden={!isWaiting} onClick={() => page.connection.retryNow()}>
        Try now
      </button>
    </p>
  );
}

/** Announces the progress of the simulation to screen readers. */
export function Announcer({ page }: { page: Page }) {
  const region = useRef<HTMLParagraphElement>(null);
  const speak = useMemo(
    () =>
      createSpeaker((sentence) => {
        if (region.current) region.current.textContent = sentence;
      }),
    [],
  );
  useSignalEffect(() => speak(page.store.state.value, page.store.now.value));
  return <p id="announcer" ref={region} class="visually-hidden" aria-live="polite" />;
}
