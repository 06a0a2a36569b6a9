import type { AcceptedDays } from '../answers.ts';
import type { ObservedClick } from '../state/trace.ts';
import type { Answer, Api } from './api.ts';

/** Number of clicks kept, so that the trace of their days can still be shown. */
const KEPT_CLICKS = 50;

/** The clicks of this page as it measured them. */
export interface ClickLog {
  /** The same API, with its clicks recorded. */
  readonly api: Api;
  isAsking(): boolean;
  isResetting(): boolean;
  /** The click that led to a day of a run, alone or with days around it; null if another page made it. */
  of(runId: string, dayIndex: number): ObservedClick | null;
}

/** An accepted click and the days that it advanced to. */
interface AcceptedClick extends ObservedClick {
  readonly runId: string;
  readonly firstDay: number;
  readonly lastDay: number;
}

/** @param changed Called when a click is sent, and when it is answered. */
export function observeClicks(api: Api, changed: () => void): ClickLog {
  const clicks: AcceptedClick[] = [];
  let open = 0;
  let resets = 0;

  async function advanceDays(days: number): Promise<Answer<AcceptedDays>> {
    const sentAt = Date.now();
    open += 1;
    changed();
    const answer = await api.advanceDays(days);
    open -= 1;
    if ('body' in answer) {
      const { run_id: runId, day_index: lastDay, days: advanced } = answer.body;
      clicks.push({ runId, firstDay: lastDay - advanced + 1, lastDay, sentAt, answeredAt: Date.now() });
    }
    if (clicks.length > KEPT_CLICKS) clicks.shift();
    changed();
    return answer;
  }

  async function reset(): Promise<Answer> {
    resets += 1;
    changed();
    const answer = await api.reset();
    resets -= 1;
    changed();
    return answer;
  }

  return {
    api: { ...api, advanceDays, reset },
    isAsking: () => open > 0,
    isResetting: () => resets > 0,
    of: (runId, day) =>
      clicks.find((click) => click.runId === runId && click.firstDay <= day && day <= click.lastDay) ?? null,
  };
}
