import type { Api } from './api.ts';
import { type AskSummary, readHistory, type SummaryGroup } from './history.ts';
import type { Message } from './reduce.ts';
import type { PageState } from './state.ts';

const RETRY_MS = 2_000;

/** Asks `GET /sales/summary`. */
export function summaryReader(api: Api): AskSummary {
  return async (question) => {
    const answer = await api.read<{ groups: SummaryGroup[] }>(`/sales/summary?${question}`);
    if ('problem' in answer) throw new Error(answer.problem.title);
    return answer.body.groups;
  };
}

/**
 * The stream brings a page that is opened in the middle of a run the current day; the days before it are asked for once,
 * again after a failure for as long as that run goes on.
 */
export function createHistoryLoader(
  ask: AskSummary,
  dispatch: (message: Message) => void,
): (state: PageState) => void {
  let asked: number | null = null;

  async function load(beforeId: number): Promise<void> {
    try {
      dispatch({ type: 'history', history: await readHistory(ask, beforeId) });
    } catch {
      setTimeout(() => void (asked === beforeId && load(beforeId)), RETRY_MS);
    }
  }

  return ({ run }) => {
    if (run.firstId === asked) return;
    asked = run.firstId;
    if (asked !== null) void load(asked);
  };
}
