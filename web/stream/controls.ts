import type { AdvanceOutcome } from '../state/auto-play.ts';
import { createAutoPlay } from '../state/auto-play.ts';
import { isEndOfRun, isTransient } from '../state/problem.ts';
import type { Store } from '../state/store.ts';
import type { Api } from './api.ts';

/** What a person can do to the simulation. The page shows the effect when the stream reports it, so all browsers agree. */
export interface Controls {
  /** Advances the simulation by some days. */
  advance(days: number): Promise<AdvanceOutcome>;
  setPlaying(isPlaying: boolean): void;
  setSpeed(daysPerSecond: number): void;
  /** Starts a new run, if the person confirms it. */
  startOver(): Promise<void>;
}

/** @param confirmReset Resolves to whether the person wants to lose the current run. */
export function createControls(api: Api, store: Store, confirmReset: () => Promise<boolean>): Controls {
  const { dispatch } = store;
  const setPlaying = (isPlaying: boolean) => dispatch({ type: 'play', play: { isPlaying } });

  async function advance(days: number): Promise<AdvanceOutcome> {
    const clickedAt = Date.now();
    const answer = await api.advanceDays(days);
    const { play, status } = store.state.value;
    if ('problem' in answer) {
      if (play.isPlaying && isEndOfRun(answer.problem)) return 'refused';
      dispatch({ type: 'problem', problem: answer.problem });
      return isTransient(answer.problem) ? 'away' : 'refused';
    }
    const { day_index: dayIndex } = answer.body;
    dispatch({ type: 'accepted', click: { dayIndex, clickedAt } });
    // The stream reports the last day too, but maybe after the next request, which would be refused.
    return status && dayIndex >= status.total_days - 1 ? 'ended' : 'accepted';
  }

  async function startOver(): Promise<void> {
    setPlaying(false);
    if (!(await confirmReset())) return;
    dispatch({ type: 'resetting' });
    const answer = await api.reset();
    dispatch({ type: 'problem', problem: 'problem' in answer ? answer.problem : null });
  }

  const autoPlay = createAutoPlay({ click: advance, stop: () => setPlaying(false), now: () => Date.now() });
  store.state.subscribe(autoPlay);
  return {
    advance,
    setPlaying,
    setSpeed: (daysPerSecond) => dispatch({ type: 'play', play: { daysPerSecond } }),
    startOver,
  };
}
