import type { StatusMessage } from '../../shared/api/live.ts';
import type { AdvanceOutcome } from '../state/auto-play.ts';
import { createAutoPlay } from '../state/auto-play.ts';
import {
  isEndOfRun,
  isNotAllowed,
  isOutcomeUnknown,
  isRunReplaced,
  isTransient,
  NO_ANSWER,
  type Problem,
} from '../state/problem.ts';
import type { PageStore } from '../state/store.ts';
import type { Api } from './api.ts';

/** What a user can do to the simulation. The page shows the effect when the stream reports it, so all browsers agree. */
export interface SimulationControls {
  /** Advances the simulation by some days. */
  advance(days: number): Promise<AdvanceOutcome>;
  setPlaying(isPlaying: boolean): void;
  setSpeed(daysPerSecond: number): void;
  /** Starts a new run once the user has confirmed it. */
  startOver(): Promise<void>;
  /** Starts a new run without asking for confirmation. */
  beginAgain(): Promise<AdvanceOutcome>;
}

/**
 * @param confirmReset Resolves to whether the user agrees to lose the current run.
 * @param isKiosk Whether the page plays without a user; then a race lost to another viewer isn't reported.
 */
export function createControls(
  api: Api,
  store: Pick<PageStore, 'state' | 'latest' | 'dispatch'>,
  confirmReset: () => Promise<boolean>,
  isKiosk = false,
): SimulationControls {
  const { dispatch } = store;
  const setPlaying = (isPlaying: boolean) => dispatch({ type: 'play', play: { isPlaying } });

  async function advance(days: number, isPlayback = false): Promise<AdvanceOutcome> {
    const before = store.latest().status;
    dispatch({ type: 'advancing', isPlayback });
    const answer = await api.advanceDays(days);
    const { play, status } = store.latest();
    if ('problem' in answer) {
      dispatch({ type: 'refused' });
      // Its answer was lost, but the stream has shown its effect in the meantime.
      if (answer.problem.code === NO_ANSWER && hasMoved(before, status)) return 'accepted';
      if ((play.isPlaying || isKiosk) && isEndOfRun(answer.problem)) return 'ended';
      if (isKiosk && isRunReplaced(answer.problem)) return 'accepted';
      dispatch({ type: 'problem', problem: answer.problem });
      return outcomeOf(answer.problem);
    }
    const { run_id: runId, day_index: dayIndex } = answer.body;
    dispatch({ type: 'accepted', runId, dayIndex });
    // The stream reports the last day too, but possibly after the next request, which would be refused.
    return status && dayIndex >= status.total_days - 1 ? 'ended' : 'accepted';
  }

  async function startOver(): Promise<void> {
    setPlaying(false);
    if (await confirmReset()) await beginAgain();
  }

  async function beginAgain(): Promise<AdvanceOutcome> {
    dispatch({ type: 'resetting' });
    const before = store.latest().status;
    const answer = await api.reset();
    const isDone =
      'body' in answer ||
      (isKiosk && isRunReplaced(answer.problem)) ||
      isReset(before, store.latest().status, answer.problem);
    dispatch({ type: 'problem', problem: isDone ? null : answer.problem });
    if (isDone) return 'accepted';
    if (!isOutcomeUnknown(answer.problem)) dispatch({ type: 'resetRefused' });
    return outcomeOf(answer.problem);
  }

  const autoPlay = createAutoPlay({
    click: (days) => advance(days, true),
    stop: () => setPlaying(false),
    now: () => Date.now(),
  });
  store.state.subscribe(autoPlay);
  return {
    advance: (days) => advance(days),
    setPlaying,
    setSpeed: (daysPerSecond) => dispatch({ type: 'play', play: { daysPerSecond } }),
    startOver,
    beginAgain,
  };
}

function outcomeOf(problem: Problem): AdvanceOutcome {
  if (isTransient(problem)) return 'away';
  return isNotAllowed(problem) ? 'refused' : 'failed';
}

/** Whether the run has moved on from one status to another. */
function hasMoved(before: StatusMessage | null, now: StatusMessage | null): boolean {
  return before?.run_id === now?.run_id && (now?.day_index ?? -1) > (before?.day_index ?? -1);
}

/** Whether a reset whose answer was lost has started a new run. */
function isReset(before: StatusMessage | null, now: StatusMessage | null, { code }: Problem): boolean {
  return code === NO_ANSWER && before?.run_id !== now?.run_id;
}
