import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StatusMessage } from '../../../../shared/api/live.ts';
import type { AdvanceOutcome } from '../../../../web/state/auto-play.ts';
import { dismissByItself, playForEver } from '../../../../web/state/kiosk.ts';
import type { Problem } from '../../../../web/state/problem.ts';
import { type Message, reduce } from '../../../../web/state/reduce.ts';
import { initialState, type PageState } from '../../../../web/state/state.ts';
import { STATUS } from '../../../support/status-message.ts';

const live = (status: Partial<StatusMessage>): PageState => ({
  ...initialState,
  connection: { kind: 'live', since: 0, resumed: false },
  status: { ...STATUS, ...status },
});

let calls: string[];
let outcome: AdvanceOutcome;

function start(first: PageState) {
  const state = signal(first);
  const act = (name: string) => async () => {
    calls.push(name);
    return outcome;
  };
  playForEver({ state }, { advance: act('advance'), beginAgain: act('reset') }, () => 0);
  return state;
}

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  outcome = 'accepted';
});
afterEach(() => vi.useRealTimers());

test('a kiosk plays the next day once the last one is stored, and waits while sales are under way', async () => {
  const state = start(live({ day_received: 40 }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toEqual([]);
  state.value = live({});
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual(['advance']);
  // The stream has not reported the day yet: nothing is pressed twice.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toEqual(['advance']);
});

test('a day that another viewer plays restarts the wait of a kiosk', async () => {
  const state = start(live({}));
  await vi.advanceTimersByTimeAsync(900);
  state.value = live({ day_index: 1 });
  await vi.advanceTimersByTimeAsync(900);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(calls).toEqual(['advance']);
});

test('a kiosk shows a complete run for a while before it begins another, unless somebody else has', async () => {
  const state = start(live({ day_index: 2, is_complete: true }));
  await vi.advanceTimersByTimeAsync(14_900);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(calls).toEqual(['reset']);
  state.value = live({ day_index: 2, is_complete: true, run_id: 'b1f0a1de-0000-4000-8000-000000000002' });
  await vi.advanceTimersByTimeAsync(14_900);
  state.value = live({ day_index: -1, current_day: null, day_received: 0, day_total: 0 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual(['reset', 'advance']);
});

test('a kiosk tries again while the server is away, and follows others after a refusal', async () => {
  outcome = 'away';
  const state = start(live({}));
  await vi.advanceTimersByTimeAsync(8_000);
  expect(calls).toEqual(['advance', 'advance']);
  outcome = 'refused';
  await vi.advanceTimersByTimeAsync(10_000);
  const tried = calls.length;
  state.value = live({ day_index: 1 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toHaveLength(tried);
});

test('a kiosk tries again after a failure of the server', async () => {
  outcome = 'failed';
  start(live({}));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual(['advance']);
  outcome = 'accepted';
  await vi.advanceTimersByTimeAsync(6_000);
  expect(calls).toEqual(['advance', 'advance']);
});

describe('a message on a wall', () => {
  const PROBLEM: Problem = {
    code: 'internal_error',
    title: 'Failed',
    detail: '',
    remedy: '',
    retryAfter: null,
  };

  function wall(first: PageState) {
    const state = signal(first);
    const dispatch = (message: Message) => {
      state.value = reduce(state.value, message);
    };
    dismissByItself({ state, dispatch });
    return { state, dispatch };
  }

  test('a problem goes away with the next day', () => {
    const { state, dispatch } = wall(live({}));
    dispatch({ type: 'problem', problem: PROBLEM });
    expect(state.value.problem).toEqual(PROBLEM);
    dispatch({ type: 'status', status: { ...STATUS, day_index: 1 } });
    expect(state.value.problem).toBeNull();
  });

  test('a problem goes away after twenty seconds, and the next one is shown as long', async () => {
    const { state, dispatch } = wall(live({}));
    for (const code of ['internal_error', 'unauthorized']) {
      dispatch({ type: 'problem', problem: { ...PROBLEM, code } });
      await vi.advanceTimersByTimeAsync(19_900);
      expect(state.value.problem?.code).toBe(code);
      await vi.advanceTimersByTimeAsync(100);
      expect(state.value.problem).toBeNull();
    }
  });

  test('another viewer’s reset is noticed by itself', async () => {
    const { state } = wall({ ...live({}), resetBy: 'another viewer' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(state.value.resetBy).toBeNull();
  });
});
