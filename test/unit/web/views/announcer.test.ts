import { describe, expect, test } from 'vitest';
import { serverUnreachable } from '../../../../web/state/problem.ts';
import { initialState, type PageState } from '../../../../web/state/state.ts';
import { createSpeaker } from '../../../../web/views/words.ts';

const LIVE = { kind: 'live', since: 0, resumed: true } as const;
const AWAY = { kind: 'away', retryAt: 0, problem: serverUnreachable() } as const;

function world() {
  const said: string[] = [];
  const speak = createSpeaker((sentence) => said.push(sentence));
  const show = (now: number, dayIndex: number, connection: PageState['connection'] = LIVE, received = 100) =>
    speak(
      {
        ...initialState,
        connection,
        status: {
          current_day: `2022-01-0${dayIndex + 1}`,
          day_index: dayIndex,
          total_days: 731,
          day_total: 100,
          day_received: received,
          is_running: true,
          is_complete: false,
          progress_pct: received,
          run_id: 'r',
        },
      },
      now,
    );
  const hear = (now: number, state: Partial<PageState>) =>
    speak({ ...initialState, connection: LIVE, ...state }, now);
  return { said, show, hear };
}

describe('the announcer', () => {
  test('a screen reader hears each complete day, but not more often than a voice can follow', () => {
    const { said, show } = world();
    show(0, 0, LIVE, 40);
    show(100, 0);
    for (let day = 1; day <= 5; day += 1) show(1_000 * day, day);
    show(5_200, 5);
    show(20_000, 5);
    expect(said).toEqual([
      'Saturday 1 January 2022, day 1 of 731: all 100 sales stored.',
      'Thursday 6 January 2022, day 6 of 731: all 100 sales stored.',
    ]);
  });

  test('a screen reader hears at once, and only once, that the connection is lost and that it is back', () => {
    const { said, show } = world();
    show(0, 0);
    show(1_000, 0, AWAY);
    show(2_000, 0, { kind: 'connecting' });
    show(3_000, 0, AWAY);
    show(4_000, 0);
    show(4_100, 1);
    expect(said.slice(1)).toEqual(['Server unreachable. Reconnecting automatically.', 'Reconnected.']);
  });

  test('a screen reader hears each reset by another viewer once', () => {
    const { said, hear } = world();
    for (const [now, othersResets] of [0, 1, 1, 2, 2].entries())
      hear(now, { othersResets, resetBy: othersResets > 0 ? 'another viewer' : null });
    expect(said).toEqual(['Another viewer started the run again.', 'Another viewer started the run again.']);
  });

  test('a screen reader hears how far another viewer advanced everybody', () => {
    const { said, hear } = world();
    for (const [now, travelled] of [null, 300, 300, null, 12].entries()) hear(now, { travelled });
    expect(said).toEqual(['Another viewer advanced by 300 days.', 'Another viewer advanced by 12 days.']);
  });
});
