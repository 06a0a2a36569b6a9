import { signal } from '@preact/signals';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../../web/state/problem.ts';
import { type Message, reduce } from '../../../../web/state/reduce.ts';
import { initialState } from '../../../../web/state/state.ts';
import type { Answer } from '../../../../web/stream/api.ts';
import { createControls } from '../../../../web/stream/controls.ts';

const problem = (code: string): Problem => ({ code, title: '', detail: '', remedy: '', retryAfter: null });

/** Controls whose every request is answered by a problem. */
function refusedBy(code: string, isKiosk: boolean) {
  const state = signal(initialState);
  const refuse = async (): Promise<Answer<never>> => ({ problem: problem(code) });
  const reads = { read: refuse, readAtOnce: refuse, query: refuse };
  const api = { ...reads, post: refuse, advanceDays: refuse, reset: refuse };
  const dispatch = (message: Message) => {
    state.value = reduce(state.value, message);
  };
  return {
    controls: createControls(api, { state, latest: () => state.value, dispatch }, async () => true, isKiosk),
    state,
  };
}

describe('the controls of a kiosk', () => {
  test.each([
    ['all_days_completed', 'ended'],
    ['run_replaced', 'accepted'],
  ])(
    'a kiosk that another viewer overtakes (%s) neither stops nor shows a problem',
    async (code, outcome) => {
      const { controls, state } = refusedBy(code, true);
      expect(await controls.advance(1)).toBe(outcome);
      expect(state.value.problem).toBeNull();
      expect(state.value.advancing).toBe(0);
    },
  );

  test('a reset that another viewer has already made counts as done on a kiosk', async () => {
    const { controls, state } = refusedBy('run_replaced', true);
    expect(await controls.beginAgain()).toBe('accepted');
    expect(state.value.problem).toBeNull();
  });

  test.each([
    ['unauthorized', 'refused'],
    ['forbidden', 'refused'],
    ['internal_error', 'failed'],
    ['http_429', 'failed'],
    ['dependency_unavailable', 'away'],
  ])('only a page that may not change the simulation is refused: %s is %s', async (code, outcome) => {
    const { controls, state } = refusedBy(code, true);
    expect(await controls.advance(1)).toBe(outcome);
    expect(await controls.beginAgain()).toBe(outcome);
    expect(state.value.problem?.code).toBe(code);
  });
});

test.each(['all_days_completed', 'run_replaced'])('a person is told about %s', async (code) => {
  const { controls, state } = refusedBy(code, false);
  expect(await controls.advance(1)).toBe('failed');
  expect(state.value.problem?.code).toBe(code);
});

describe('a reset that failed', () => {
  test.each(['unauthorized', 'not_sent', 'dependency_unavailable'])(
    'a reset refused as %s had no effect, so the next one is another viewer’s',
    async (code) => {
      const { controls, state } = refusedBy(code, false);
      await controls.beginAgain();
      expect(state.value.resetBy).toBeNull();
    },
  );

  test.each(['no_answer', 'outcome_unknown', 'http_504'])(
    'a reset with the problem %s may have had its effect, so the next one may be this page’s',
    async (code) => {
      const { controls, state } = refusedBy(code, false);
      await controls.beginAgain();
      expect(state.value.resetBy).toBe('this page');
    },
  );
});
