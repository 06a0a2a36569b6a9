import { byId, setText } from './dom.ts';
import { formatInteger } from './format.ts';
import type { PageState } from './state.ts';

/** Draws how much of the current day is stored. */
export function createProgressView(): (state: PageState) => void {
  const bar = byId('progress', HTMLElement);
  const fill = byId('progress-fill', HTMLElement);
  const text = byId('progress-text', HTMLElement);

  return ({ status }) => {
    const percent = status?.progress_pct ?? 0;
    bar.setAttribute('aria-valuenow', String(percent));
    fill.style.transform = `scaleX(${percent / 100})`;
    const counts = status?.is_running
      ? `${formatInteger(status.day_received)} of ${formatInteger(status.day_total)} sales`
      : 'no day yet';
    setText(text, counts);
    bar.setAttribute('aria-valuetext', counts);
  };
}
