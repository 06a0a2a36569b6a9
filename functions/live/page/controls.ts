import type { Api } from './api.ts';
import { askForReset } from './dialogs.ts';
import { byId } from './dom.ts';
import type { Message } from './reduce.ts';
import type { PageState } from './state.ts';

export interface Controls {
  /** Goes so many days ahead. */
  travel(days: number): Promise<void>;
  draw(state: PageState): void;
}

/** The buttons. What they bring about is shown when the stream tells it, not before: all browsers agree. */
export function createControls(api: Api, dispatch: (message: Message) => void): Controls {
  const nextDay = byId('next-day', HTMLButtonElement);
  const reset = byId('reset', HTMLButtonElement);

  async function travel(days: number): Promise<void> {
    const clickedAt = Date.now();
    const answer = await api.nextDays(days);
    if ('problem' in answer) return dispatch({ type: 'problem', problem: answer.problem });
    const date = currentDayOf(answer.body);
    if (date !== null) dispatch({ type: 'accepted', click: { date, clickedAt } });
  }

  async function startOver(): Promise<void> {
    if (!(await askForReset())) return;
    const answer = await api.reset();
    dispatch({ type: 'problem', problem: 'problem' in answer ? answer.problem : null });
  }

  nextDay.addEventListener('click', () => void travel(1));
  reset.addEventListener('click', () => void startOver());

  return {
    travel,
    draw: ({ status }) => {
      const daysLeft = status ? status.total_days - 1 - status.day_index : 0;
      nextDay.disabled = daysLeft <= 0;
      reset.disabled = !status || status.total_days === 0;
    },
  };
}

function currentDayOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('current_day' in body)) return null;
  return typeof body.current_day === 'string' ? body.current_day : null;
}
