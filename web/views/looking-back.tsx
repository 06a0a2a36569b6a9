import { useComputed, useSignalEffect } from '@preact/signals';
import { formatDate, formatInteger } from '../format.ts';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';

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
