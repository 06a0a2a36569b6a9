import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Opening, StatusMessage } from '../../../../shared/api/live.ts';
import type { Connection } from '../../../../web/state/state.ts';
import type { OwnStream, StreamTarget } from '../../../../web/stream/live-connection.ts';
import type { Received } from '../../../../web/stream/message-reader.ts';
import { type Note, shareAmongTabs } from '../../../../web/stream/shared-stream.ts';
import { storedSale } from '../../../support/live-world.ts';

interface Run {
  readonly id: string;
  day: number;
  readonly sales: { readonly id: number; readonly day: number }[];
}

/** The server's run, with streams that deliver their next chunk when the test says so. */
function fakeServer() {
  let run: Run = { id: 'run 1', day: -1, sales: [] };
  let lastId = 0;
  const status = (): StatusMessage => ({
    current_day: null,
    day_index: run.day,
    total_days: 100,
    day_total: 10,
    day_received: run.sales.filter(({ day }) => day === run.day).length,
    is_running: run.day >= 0,
    is_complete: false,
    progress_pct: 0,
    run_id: run.id,
  });

  function chunkOf(ids: readonly number[], at = 0): Received {
    const sales = ids.map((id) => storedSale({ id }));
    return { message: { type: 'sales', sales, at }, lastId: String(ids.at(-1)) };
  }

  function open(since: string | null): () => readonly Received[] {
    const known = since === null || run.sales.some(({ id }) => String(id) === since);
    let opening: Opening | null =
      since === null && run.day >= 0 ? { day_index: run.day, before_id: lastId + 1 } : null;
    let cursor = { run: run.id, id: known ? Number(since ?? 0) : 0 };
    const isSent = ({ id, day }: Run['sales'][number]) =>
      id > cursor.id && (opening === null || id >= opening.before_id || day >= opening.day_index);
    let sent = '';
    let isReset = !known;
    let isOpened = false;
    return () => {
      if (cursor.run !== run.id) [cursor, opening, isReset] = [{ run: run.id, id: 0 }, null, true];
      const received: Received[] = isReset ? [{ message: { type: 'reset' }, lastId: null }] : [];
      const isNew = isReset || sent === '';
      isReset = false;
      const next = run.sales.filter(isSent).slice(0, 2);
      const send = (one: StatusMessage) => {
        sent = JSON.stringify(one);
        received.push({ message: { type: 'status', status: one }, lastId: undefined });
      };
      if (isNew) send(status());
      else if (opening && !isOpened)
        received.push({ message: { type: 'opening', opening }, lastId: undefined });
      else if (next.length > 0) received.push(chunkOf(next.map(({ id }) => id)));
      else if (sent !== JSON.stringify(status())) send(status());
      if (!isNew && (isOpened || !opening)) cursor = { run: run.id, id: next.at(-1)?.id ?? cursor.id };
      isOpened = !isNew;
      return received;
    };
  }

  return {
    open,
    status,
    ids: () => run.sales.map(({ id }) => id),
    /** The sales that a page opened like this has in its history and not from the stream. */
    leftOut: (opening: Opening | null) =>
      run.sales.flatMap(({ id, day }) =>
        opening !== null && id < opening.before_id && day < opening.day_index ? [id] : [],
      ),
    sell: (daysAgo = 0) => {
      if (run.day < 0) run.day = 0;
      lastId += 1;
      run.sales.push({ id: lastId, day: Math.max(0, run.day - daysAgo) });
    },
    nextDay: () => {
      run.day += 1;
    },
    reset: () => {
      run = { id: `run ${Number(run.id.slice(4)) + 1}`, day: -1, sales: [] };
    },
  };
}

interface Tab {
  /** Delivers the next chunk of this tab's own stream, if it is open. @returns whether that was more than a heartbeat. */
  readChunk(): boolean;
  /** Delivers the next note. */
  readNote(): boolean;
  /** Loses the notes that wait, as a page in the browser's cache does. */
  loseNotes(): void;
  show(): void;
  isStreaming(): boolean;
  isLeader(): boolean;
  readonly ids: number[];
  opening(): Opening | null;
  status(): StatusMessage | null;
  connection(): Connection;
}

/** The tabs of one browser: one of them holds the lock, and notes are delivered when the test says so. */
function fakeBrowser(server = fakeServer()) {
  const tabs: (Tab & { readonly inbox: Note[]; lead(): void })[] = [];
  let leader: (typeof tabs)[number] | null = null;

  function elect(): void {
    if (leader !== null) return;
    leader = tabs[0] ?? null;
    leader?.lead();
  }

  function openTab(isHidden = () => false): Tab {
    const ids: number[] = [];
    const inbox: Note[] = [];
    let lastId: string | null = null;
    let status: StatusMessage | null = null;
    let opening: Opening | null = null;
    let connection: Connection = { kind: 'connecting' };
    let deliver: (() => readonly Received[]) | null = null;
    let own: StreamTarget | null = null;
    let receive = (_note: Note) => {};
    let begin = () => {};
    let shown = () => {};
    const target: StreamTarget = {
      lastId: () => lastId,
      take: (received) => {
        for (const { message, lastId: reached } of received) {
          if (message.type === 'sales') ids.push(...message.sales.map(({ id }) => id));
          if (message.type === 'status') status = message.status;
          if (message.type === 'opening' && ids.length === 0) opening = message.opening;
          if (message.type === 'reset') [ids.length, opening] = [0, null];
          if (reached !== undefined) lastId = reached;
        }
      },
      connection: (next) => {
        connection = next;
      },
      heard: () => {},
    };
    const createStream = (ownTarget: StreamTarget): OwnStream => {
      own = ownTarget;
      return {
        isOpen: () => deliver !== null,
        open: () => {
          if (deliver) return;
          deliver = server.open(lastId);
          ownTarget.connection({ kind: 'live', since: Date.now(), resumed: lastId !== null });
        },
        close: () => {
          deliver = null;
        },
        retryNow: () => {},
      };
    };
    const tab = {
      ids,
      inbox,
      status: () => status,
      opening: () => opening,
      connection: () => connection,
      isStreaming: () => deliver !== null,
      isLeader: () => leader === tab,
      readChunk: () => {
        const received = deliver?.();
        if (received) own?.take(received);
        return received !== undefined && received.length > 0;
      },
      readNote: () => {
        const note = inbox.shift();
        if (note) receive(note);
        return note !== undefined;
      },
      loseNotes: () => {
        inbox.length = 0;
      },
      show: () => shown(),
      lead: () => begin(),
    };
    tabs.push(tab);
    shareAmongTabs(
      {
        lead: (call) => {
          begin = call;
        },
        post: (note) => {
          for (const other of tabs) if (other !== tab) other.inbox.push(structuredClone(note));
        },
        listen: (call) => {
          receive = call;
        },
        isHidden,
        onShown: (call) => {
          shown = call;
        },
      },
      `tab ${tabs.length} ${Math.random()}`,
    )(target, createStream);
    elect();
    return tab;
  }

  return {
    server,
    tabs: tabs as readonly Tab[],
    openTab,
    closeTab: (tab: Tab) => {
      tabs.splice(0, tabs.length, ...tabs.filter((each) => each !== tab));
      if (leader === tab) leader = null;
      elect();
    },
    /** Lets half a minute pass, in which everything is delivered. */
    settle: async () => {
      for (let round = 0; round < 60; round += 1) {
        for (const tab of tabs) {
          tab.readChunk();
          while (tab.readNote());
        }
        await vi.advanceTimersByTimeAsync(500);
      }
    },
    streams: () => tabs.filter((tab) => tab.isStreaming()).length,
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('tabs of one browser', () => {
  test('seven tabs share one stream, and each of them shows every sale', async () => {
    const browser = fakeBrowser();
    for (let count = 0; count < 7; count += 1) browser.openTab();
    browser.server.sell();
    await browser.settle();
    for (let sale = 0; sale < 5; sale += 1) browser.server.sell();
    await browser.settle();
    expect(browser.streams()).toBe(1);
    for (const tab of browser.tabs) {
      expect(tab.ids).toEqual([1, 2, 3, 4, 5, 6]);
      expect(tab.status()).toEqual(browser.server.status());
      expect(tab.connection()).toMatchObject({ kind: 'live' });
    }
  });

  test('another tab leads when the leader is closed, and misses nothing', async () => {
    const browser = fakeBrowser();
    const [first, second] = [browser.openTab(), browser.openTab()];
    browser.server.sell();
    await browser.settle();
    expect(second.isStreaming()).toBe(false);
    browser.server.sell();
    browser.closeTab(first);
    await browser.settle();
    expect(second.isLeader()).toBe(true);
    expect(second.ids).toEqual([1, 2]);
  });

  test('a shown tab opens a stream of its own when the leader is silent, and a hidden one when it is shown', async () => {
    let isHidden = true;
    const browser = fakeBrowser();
    const leader = browser.openTab();
    const [shown, hidden] = [browser.openTab(), browser.openTab(() => isHidden)];
    browser.server.sell();
    await browser.settle();
    browser.server.sell();
    // The leader is frozen: it reads neither its stream nor notes.
    await vi.advanceTimersByTimeAsync(13_000);
    expect([leader, shown, hidden].map((tab) => tab.isStreaming())).toEqual([true, true, false]);
    isHidden = false;
    hidden.show();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(hidden.isStreaming()).toBe(true);
    for (const tab of [shown, hidden]) while (tab.readChunk()) expect(tab.ids).not.toContain(3);
    expect([shown.ids, hidden.ids]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('whatever happens to tabs and server, each tab ends with every sale of the run since its first, and one stream is open', async () => {
    const actions = fc.array(
      fc.tuple(
        fc.constantFrom(
          'sell',
          'sell late',
          'nextDay',
          'reset',
          'open',
          'close',
          'chunk',
          'note',
          'chunk',
          'note',
          'lose',
          'wait',
        ),
        fc.nat(6),
      ),
      { maxLength: 80 },
    );
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        const browser = fakeBrowser();
        browser.openTab();
        for (const [action, index] of steps) {
          const tab = browser.tabs[index % Math.max(1, browser.tabs.length)];
          if (action === 'sell') browser.server.sell();
          if (action === 'sell late') browser.server.sell(1);
          if (action === 'nextDay') browser.server.nextDay();
          if (action === 'reset') browser.server.reset();
          if (action === 'open' && browser.tabs.length < 7) browser.openTab();
          if (action === 'close' && tab) browser.closeTab(tab);
          if (action === 'chunk') tab?.readChunk();
          if (action === 'note') tab?.readNote();
          if (action === 'lose') tab?.loseNotes();
          if (action === 'wait') await vi.advanceTimersByTimeAsync(index * 3_000);
        }
        await browser.settle();
        browser.server.sell();
        await browser.settle();
        const ids = browser.server.ids();
        for (const tab of browser.tabs) {
          const seen = new Set(tab.ids);
          expect(tab.ids).toEqual(ids.filter((id) => seen.has(id)));
          const leftOut = browser.server.leftOut(tab.opening());
          expect(leftOut).toEqual(expect.arrayContaining(ids.filter((id) => !seen.has(id))));
          expect(tab.status()).toEqual(browser.server.status());
        }
        expect(browser.streams()).toBe(Math.min(1, browser.tabs.length));
      }),
      { numRuns: 300 },
    );
  });
});
