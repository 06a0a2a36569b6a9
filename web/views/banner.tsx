import { useComputed, useSignalEffect } from '@preact/signals';
import { formatDate, formatInteger } from '../format.ts';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { DISCOUNT_GIVEN, emptyStateOf } from './words.ts';

/** The problem of the last request, with what can be done about it, until it is dismissed. */
export function Banner({ page }: { page: Page }) {
  const problem = useSelected(page.store, (state) => state.problem);
  return (
    <section id="banner" class="banner" role="alert" hidden={problem === null}>
      <div>
        <p>
          <strong id="banner-title">{problem?.title}</strong> <code id="banner-code">{problem?.code}</code>
        </p>
        <p id="banner-detail">{problem?.detail}</p>
        <p id="banner-remedy" class="quiet">
          {problem?.remedy}
        </p>
      </div>
      <button type="button" onClick={() => page.store.dispatch({ type: 'problem', problem: null })}>
        Dismiss
      </button>
    </section>
  );
}

/** Says that another viewer has replaced the run, until it is dismissed. Screen readers get it from the announcer. */
export function Notice({ page }: { page: Page }) {
  const isHidden = useSelected(
    page.store,
    ({ resetBy, problem }) => resetBy !== 'another viewer' || problem !== null,
  );
  return (
    <section id="notice" class="banner notice" aria-label="Notice" hidden={isHidden}>
      <div>
        <p>
          <strong id="notice-title">Another viewer started the run again</strong>
        </p>
        <p>
          This page shows the new run, and playback has stopped. The sales of the earlier run stay stored.
        </p>
      </div>
      <button type="button" onClick={() => page.store.dispatch({ type: 'noticed', what: 'reset' })}>
        Dismiss
      </button>
    </section>
  );
}

/** What to do before the first day, and the totals of a complete run. */
export function EmptyState({ page }: { page: Page }) {
  const { state } = page.store;
  const key = useComputed(() => JSON.stringify(emptyStateOf(state.value)));
  // Only a changed text is drawn again: the sums of passing days don't matter.
  void key.value;
  const empty = emptyStateOf(state.peek());
  const lacksDiscount = page.missing.value.has('discount');
  const figures = (empty?.figures ?? []).filter(([name]) => !(lacksDiscount && name === DISCOUNT_GIVEN));
  return (
    <section id="empty-state" class="panel empty-state" aria-live="polite" hidden={empty === null}>
      <h2 id="empty-state-title">{empty?.title ?? 'Welcome'}</h2>
      <p id="empty-state-text">{empty?.text}</p>
      <dl id="empty-state-figures" hidden={figures.length === 0}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const TITLE = document.title;

/** Says which past day is shown, how far the run is meanwhile, and how to return to it. The title names the shown day. */
export function LookingBack({ page }: { page: Page }) {
  const status = useSelected(page.store, (state) => state.status);
  const past = page.past.value;
  const asked = page.address.value.day;
  const day = useComputed(() => page.looking.value.day).value;
  const date = past && day ? formatDate(day.date) : null;
  const isAhead = asked !== null && past === null && status !== null;

  useSignalEffect(() => {
    const shown = page.looking.value;
    const title = shown.day ? `${formatDate(shown.day.date)} · ${TITLE}` : TITLE;
    if (document.title !== title) document.title = title;
  });

  return (
    <section id="looking-back" class="looking-back" aria-label="Past day" hidden={past === null && !isAhead}>
      {past && status && (
        <p>
          Viewing <strong id="looking-back-day">{date ?? `day ${formatInteger(past.dayIndex + 1)}`}</strong>
          <span class="quiet"> · live is day {formatInteger(status.day_index + 1)}</span>
        </p>
      )}
      {isAhead && <p>Day {formatInteger(asked)} has not been played yet; the page follows the run.</p>}
      <button type="button" class="link" onClick={() => page.look(null)}>
        Return <kbd aria-hidden="true">Esc</kbd>
      </button>
    </section>
  );
}
