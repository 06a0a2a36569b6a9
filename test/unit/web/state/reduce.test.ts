import { describe, expect, test } from 'vitest';
import type { StatusMessage } from '../../../../shared/api/live.ts';
import { noAnswer } from '../../../../web/state/problem.ts';
import { type Message, reduce } from '../../../../web/state/reduce.ts';
import {
  emptyRun,
  FEED_LENGTH,
  initialState,
  newestCompleteDay,
  type PageState,
  shownDay,
} from '../../../../web/state/state.ts';
import { emptyDay, ranked } from '../../../../web/state/sums.ts';
import { storedSale } from '../../../support/live-world.ts';

const stateAfter = (...messages: Message[]): PageState => messages.reduce(reduce, initialState);
const sales = (fields: Parameters<typeof storedSale>[0][], at = 1_000): Message => ({
  type: 'sales',
  sales: fields.map((each, index) => storedSale({ id: index + 1, ...each })),
  at,
});
const status = (fields: Partial<StatusMessage>): Message => ({
  type: 'status',
  status: {
    current_day: '2022-01-01',
    day_index: 0,
    total_days: 731,
    day_total: 100,
    day_received: 0,
    is_running: true,
    is_complete: false,
    progress_pct: 0,
    run_id: 'r',
    ...fields,
  },
});
const advancing: Message = { type: 'advancing', isPlayback: false };
const live = (since: number, resumed: boolean): Message => ({
  type: 'connection',
  connection: { kind: 'live', since, resumed },
});

describe('the sums of a day', () => {
  test('the sums of a day are exact and grow with each message', () => {
    const state = stateAfter(
      sales([
        { store_id: 'S1', product_id: 'P1', units_sold: 3, price: 0.1, discount: 0 },
        { store_id: 'S1', product_id: 'P2', units_sold: 1, price: 19.99, discount: 10 },
      ]),
      sales([
        {
          id: 3,
          store_id: 'S2',
          product_id: 'P1',
          units_sold: 7,
          price: 0.1,
          discount: 5,
          is_holiday_promo: 1,
        },
      ]),
    );
    const day = shownDay(state);
    // Rounded for each sale: 30 + 1,799.1 + 66.5.
    expect(day).toMatchObject({
      events: 3,
      total: 10,
      units: 11,
      listCents: 2_099,
      netCents: 1_896,
      promoted: 1,
    });
    const breakdown = state.run.newestDays.get(0);
    expect(breakdown).toEqual(state.run.breakdown);
    expect(ranked(breakdown?.products ?? new Map(), 'units')).toEqual([
      { key: 'P1', units: 10, listCents: 100, netCents: 97 },
      { key: 'P2', units: 1, listCents: 1_999, netCents: 1_799 },
    ]);
    expect(ranked(breakdown?.stores ?? new Map(), 'netCents').map(({ key }) => key)).toEqual(['S1', 'S2']);
  });

  test('sums are kept by day even if sales of several days are mixed, and the newest day is shown', () => {
    const state = stateAfter(
      sales([{ day_index: 1, date: '2022-01-02' }, { day_index: 0 }, { day_index: 1 }]),
    );
    expect([...state.run.days].map(([index, { events }]) => [index, events])).toEqual([
      [1, 2],
      [0, 1],
    ]);
    expect(shownDay(state)).toMatchObject({ dayIndex: 1, date: '2022-01-02' });
  });

  test('ties in a ranking are ordered by name', () => {
    const equal = new Map(['P2', 'P10', 'P1'].map((key) => [key, { units: 1, listCents: 1, netCents: 1 }]));
    expect(ranked(equal, 'units').map(({ key }) => key)).toEqual(['P1', 'P10', 'P2']);
  });
});

describe('the feed', () => {
  test('the feed has the newest sale on top, and its length is bounded', () => {
    const many = Array.from({ length: FEED_LENGTH + 20 }, (_, index) => ({ id: index + 1 }));
    const { feed } = stateAfter(sales(many), sales([{ id: FEED_LENGTH + 99 }]));
    expect(feed).toHaveLength(FEED_LENGTH);
    expect(feed[0]?.id).toBe(FEED_LENGTH + 99);
    expect(feed[1]?.id).toBe(FEED_LENGTH + 20);
  });
});

describe('a reset', () => {
  test('a reset clears the old run, and shows nothing of the new one before its status arrives', () => {
    const state = stateAfter(status({ day_index: 5, day_received: 100, progress_pct: 100 }), sales([{}]), {
      type: 'reset',
    });
    expect(state).toMatchObject({ feed: [], run: emptyRun, status: { day_index: -1, total_days: 731 } });
    expect(state.status).toMatchObject({ current_day: null, day_received: 0, is_running: false });
  });
});

describe('playing', () => {
  const play = (isPlaying: boolean): Message => ({ type: 'play', play: { isPlaying } });

  test('playback ends with a reset, and with the last day, from whichever browser it was played', () => {
    expect(stateAfter(status({ day_index: 5 }), play(true)).play.isPlaying).toBe(true);
    expect(stateAfter(status({ day_index: 5 }), play(true), status({ day_index: 730 })).play.isPlaying).toBe(
      false,
    );
    expect(stateAfter(status({ day_index: 5 }), play(true), { type: 'reset' }).play.isPlaying).toBe(false);
    expect(stateAfter(status({ day_index: 730 }), play(true)).play.isPlaying).toBe(false);
  });

  test('playback keeps its speed when it pauses', () => {
    const faster: Message = { type: 'play', play: { daysPerSecond: 10 } };
    expect(stateAfter(status({}), faster, play(true), play(false)).play).toEqual({
      isPlaying: false,
      daysPerSecond: 10,
    });
  });
});

describe('the newest complete day', () => {
  const three = (day_index: number, at: number) =>
    sales(
      [1, 2, 3].map(() => ({ day_index, day_total: 3 })),
      at,
    );

  test('the newest complete day is the last one whose sales have all arrived, with the time of its last sale', () => {
    expect(newestCompleteDay(initialState.run)).toBeNull();
    const state = stateAfter(
      three(0, 1_000),
      three(1, 2_000),
      sales([{ day_index: 2, day_total: 3 }], 3_000),
    );
    expect(newestCompleteDay(state.run)).toEqual({ dayIndex: 1, shownAt: 2_000 });
  });

  test('the newest complete day may be one from before the page was opened', () => {
    const first = sales([{ id: 900, day_index: 5, day_total: 3 }]);
    const days = [{ ...emptyDay(storedSale({ day_index: 4 })), events: 3, total: 3 }];
    const history = { beforeId: 900, days, breakdown: emptyRun.breakdown };
    const state = stateAfter(first, { type: 'history', history });
    expect(newestCompleteDay(state.run)).toEqual({ dayIndex: 4, shownAt: null });
  });
});

describe('a disconnection', () => {
  test('the catch-up after a disconnection counts the missed sales, however late they arrive, but no newer ones', () => {
    const state = stateAfter(
      sales([{ day_index: 0 }, { day_index: 1 }], 1_000),
      live(10_000, true),
      status({ day_index: 2, day_received: 3 }),
      sales([{ day_index: 1 }, { day_index: 2 }], 10_100),
      status({ day_index: 3, day_received: 1 }),
      sales([{ day_index: 2 }], 20_000),
      sales([{ day_index: 2 }, { day_index: 2 }, { day_index: 3 }], 25_000),
      sales([{ day_index: 3 }], 26_000),
    );
    expect(state.catchUp).toMatchObject({ sales: 4, at: 25_000 });
  });

  test('a page that was just opened, or that sees a new run, has nothing to catch up with', () => {
    expect(stateAfter(live(10_000, false), status({ day_index: 1 }), sales([{}], 10_100)).catchUp).toBeNull();
    expect(stateAfter(live(10_000, true), { type: 'reset' }, sales([{}], 10_100)).catchUp).toBeNull();
  });

  test('the problem of an unreachable server is cleared when it is back, other problems are not', () => {
    const problem = (code: string): Message => ({
      type: 'problem',
      problem: { code, title: '', detail: '', remedy: '', retryAfter: null },
    });
    expect(stateAfter(problem('server_unreachable'), live(1, true)).problem).toBeNull();
    expect(stateAfter(problem('all_days_completed'), live(1, true)).problem).not.toBeNull();
  });
});

describe('a request without an answer', () => {
  const unanswered: Message = { type: 'problem', problem: noAnswer('No answer.') };

  test('a request without an answer counts as accepted once the simulation moves on, and its banner disappears', () => {
    const before = stateAfter(
      status({ day_index: 3 }),
      unanswered,
      status({ day_index: 3, day_received: 5 }),
    );
    expect(before.problem?.code).toBe('no_answer');
    expect(stateAfter(status({ day_index: 3 }), unanswered, status({ day_index: 4 })).problem).toBeNull();
  });
});

describe('a request that failed', () => {
  const failed = (code: string): Message => ({
    type: 'problem',
    problem: { code, title: '', detail: '', remedy: '', retryAfter: null },
  });

  test('the message of a request that failed for a while goes when the simulation moves on, a refusal stays', () => {
    const afterProgress = (code: string) =>
      stateAfter(status({ day_index: 3 }), failed(code), status({ day_index: 4 }));
    expect(afterProgress('dependency_unavailable').problem).toBeNull();
    expect(afterProgress('not_sent').problem).toBeNull();
    expect(afterProgress('unauthorized').problem?.code).toBe('unauthorized');
  });
});

describe('an advance by another viewer', () => {
  const begun = [status({ day_index: 3 })];
  const far = status({ day_index: 303 });

  test('a far advance by another viewer is announced, until the person knows of it or requests something', () => {
    expect(stateAfter(...begun, far).travelled).toBe(300);
    expect(stateAfter(...begun, status({ day_index: 5 })).travelled).toBeNull();
    expect(stateAfter(...begun, far, { type: 'noticed', what: 'travel' }).travelled).toBeNull();
    expect(stateAfter(...begun, far, advancing).travelled).toBeNull();
  });

  test('a far advance of this page is not taken for another viewer’s, whether the stream or the answer is first', () => {
    const accepted: Message = { type: 'accepted', runId: 'r', dayIndex: 303 };
    expect(stateAfter(...begun, advancing, far, accepted).travelled).toBeNull();
    expect(stateAfter(...begun, advancing, accepted, far).travelled).toBeNull();
    const lost: Message = { type: 'problem', problem: noAnswer('No answer.') };
    expect(stateAfter(...begun, advancing, { type: 'refused' }, lost, far).travelled).toBeNull();
  });

  test('a far advance by another viewer stays announced while this page plays on', () => {
    const playback: Message = { type: 'advancing', isPlayback: true };
    const accepted: Message = { type: 'accepted', runId: 'r', dayIndex: 304 };
    expect(stateAfter(...begun, far, playback, accepted).travelled).toBe(300);
    expect(stateAfter(...begun, far, { type: 'play', play: { isPlaying: true } }).travelled).toBeNull();
  });

  test('a day that this page advanced to in an earlier run doesn’t hide an advance by another viewer', () => {
    const late: Message = { type: 'accepted', runId: 'r', dayIndex: 500 };
    const next = [status({ run_id: 'other', day_index: -1 }), status({ run_id: 'other', day_index: 300 })];
    expect(stateAfter(...begun, advancing, { type: 'reset' }, late, ...next).travelled).toBe(301);
  });

  test('what was missed while the page was disconnected is no advance by another viewer', () => {
    expect(stateAfter(...begun, live(1, true), far).travelled).toBeNull();
  });
});

describe('who reset the simulation', () => {
  test('a reset by another viewer is announced until this page requests something', () => {
    const begun = status({ day_index: 3, is_running: true });
    expect(stateAfter(begun, { type: 'reset' }).resetBy).toBe('another viewer');
    expect(stateAfter(begun, { type: 'resetting' }, { type: 'reset' }).resetBy).toBe('this page');
    expect(stateAfter(begun, { type: 'reset' }, advancing).resetBy).toBeNull();
    expect(stateAfter({ type: 'reset' }).resetBy).toBeNull();
  });

  test('a reset by another viewer stays announced when the answer to an earlier click arrives', () => {
    const begun = status({ day_index: 3 });
    const accepted: Message = { type: 'accepted', runId: 'r', dayIndex: 4 };
    expect(stateAfter(begun, advancing, { type: 'reset' }, accepted).resetBy).toBe('another viewer');
  });

  test('a reset that this page requested in vain, or whose run has begun, doesn’t mute the next one', () => {
    const begun = status({ day_index: 3 });
    const refused: readonly Message[] = [{ type: 'resetting' }, { type: 'resetRefused' }];
    expect(stateAfter(begun, ...refused, { type: 'reset' }).resetBy).toBe('another viewer');
    const own: readonly Message[] = [{ type: 'resetting' }, { type: 'reset' }];
    const next = status({ run_id: 'next', day_index: 0 });
    expect(stateAfter(begun, ...own, next, { type: 'reset' }).resetBy).toBe('another viewer');
  });
});
