import { byId, setText } from './dom.ts';
import type { Problem } from './problem.ts';
import type { PageState } from './state.ts';

/** Draws the last error with its code and its remedy, until it is dismissed. */
export function createNoticeView(dismiss: () => void): (state: PageState) => void {
  const notice = byId('notice', HTMLElement);
  byId('notice-close', HTMLButtonElement).addEventListener('click', dismiss);
  let drawn: Problem | null = null;

  return ({ problem }) => {
    if (problem === drawn) return;
    drawn = problem;
    setText(byId('notice-title', HTMLElement), problem?.title ?? '');
    setText(byId('notice-code', HTMLElement), problem?.code ?? '');
    setText(byId('notice-detail', HTMLElement), problem?.detail ?? '');
    setText(byId('notice-remedy', HTMLElement), problem?.remedy ?? '');
    notice.hidden = problem === null;
  };
}
