import type { Opening, StatusMessage } from '../../shared/api/live.ts';
import type { Connection } from '../state/state.ts';
import type { ShareStream } from './live-connection.ts';
import type { Received } from './message-reader.ts';

/**
 * One stream for all tabs of a browser: over HTTP/1.1 a browser has six connections to a host, so six tabs with streams of
 * their own would block every request. One tab leads and reports what its stream delivers; the others follow. A tab that
 * isn't level with the leader, because it has just been opened or has missed a report, opens a stream of its own until it is.
 */

/** How tabs of the same page reach each other. */
export interface Tabs {
  /** Calls back when this tab becomes the leader, which it stays until it is closed. */
  lead(begin: () => void): void;
  post(note: Note): void;
  /** Calls back for each note that another tab has posted. */
  listen(receive: (note: Note) => void): void;
  isHidden(): boolean;
  /** Calls back whenever this tab is shown again. */
  onShown(call: () => void): void;
}

/** What the leader's stream has delivered, and where the leader is after it. */
interface Report {
  readonly kind: 'report';
  readonly leader: string;
  /** Increases by one with each of the leader's reports: a gap means that one was missed. */
  readonly number: number;
  /** The leader's position before the messages. */
  readonly after: string | null;
  readonly received: readonly Received[];
  readonly lastId: string | null;
  /** Null from a reset to the next status. */
  readonly status: StatusMessage | null;
  /** Which sales the leader's stream has left out or will leave out; null if it began with the run's first sale. */
  readonly opening: Opening | null;
  readonly connection: Connection;
  /** Whether it was caused by bytes from the server. */
  readonly isHeard: boolean;
}

/** `hello` asks the leader for a report; `retry` asks it to reconnect at once. */
export type Note = Report | { readonly kind: 'hello' | 'retry' };

/** The leader reports each heartbeat, which comes every 5 to 6 s: after this long it is frozen, or no longer there. */
const LEADER_SILENT_MS = 12_000;
/** How long the leader may take to answer a note. */
const ANSWER_MS = 2_000;

/** @param tabs The other tabs of this browser. @param self Identifies this tab. */
export function shareAmongTabs(tabs: Tabs, self: string): ShareStream {
  return (target, createStream) => {
    let isLeader = false;
    let reports = 0;
    let status: StatusMessage | null = null;
    let opening: Opening | null = null;
    /** Of this tab's own stream, or of the leader's. */
    let connection: Connection = { kind: 'connecting' };
    /** The leader's last report; null while the leader counts as lost. */
    let latest: Report | null = null;
    let watchdog: ReturnType<typeof setTimeout> | undefined;

    const stream = createStream({
      lastId: target.lastId,
      take: (received) => {
        const after = target.lastId();
        take(received);
        report(after, received, true);
        joinLeader();
      },
      connection: (next) => {
        show(next);
        report(target.lastId(), [], false);
      },
      heard: target.heard,
    });

    function take(received: readonly Received[]): void {
      target.take(received);
      for (const { message } of received) {
        if (message.type === 'status') status = message.status;
        if (message.type === 'opening') opening = message.opening;
        if (message.type === 'reset') {
          status = null;
          opening = null;
        }
      }
    }

    function show(next: Connection): void {
      connection = next;
      target.connection(next);
    }

    function report(after: string | null, received: readonly Received[], isHeard: boolean): void {
      if (!isLeader) return;
      reports += 1;
      const lastId = target.lastId();
      const note = { kind: 'report', leader: self, number: reports } as const;
      tabs.post({ ...note, after, received, lastId, status, opening, connection, isHeard });
    }

    function receive(note: Note): void {
      if (isLeader) answer(note);
      if (isLeader || note.kind !== 'report') return;
      const previous = latest;
      latest = note;
      watch(LEADER_SILENT_MS);
      try {
        if (stream.isOpen()) joinLeader();
        else follow(note, previous);
      } catch (error) {
        // This tab failed to process a message: it requests it again, as it would from its own stream.
        reportError(error);
        stream.open();
      }
    }

    function answer(note: Note): void {
      if (note.kind === 'retry') stream.retryNow();
      if (note.kind !== 'report') report(target.lastId(), [], false);
    }

    function follow(next: Report, previous: Report | null): void {
      const isNext = previous?.leader === next.leader && previous.number + 1 === next.number;
      const isAhead = idOf(next.after) > idOf(target.lastId());
      // The leader's stream begins with a day, and leaves out what would follow this tab's last sale.
      const isCutOff =
        target.lastId() !== null && next.received.some(({ message }) => message.type === 'opening');
      if (isNext && !isAhead && !isCutOff) take(unseen(next.received, target.lastId()));
      else if (isLevel(next)) takeStatus(next);
      else stream.open();
      if (stream.isOpen()) return;
      if (!isSame(next.connection, previous?.connection)) show(next.connection);
      if (next.isHeard) target.heard();
    }

    /** Closes this tab's own stream if the leader's will deliver everything that follows. */
    function joinLeader(): void {
      if (isLeader || latest === null || !isLevel(latest)) return;
      stream.close();
      // This tab's own attempt may not have got as far as the leader's connection.
      show(latest.connection);
      takeStatus(latest);
      watch(LEADER_SILENT_MS);
    }

    /** Whether this tab has received everything that the leader has. */
    function isLevel(leader: Report): boolean {
      const isSameRun = leader.status !== null && leader.status.run_id === status?.run_id;
      const isReached = idOf(target.lastId()) >= idOf(leader.lastId);
      return isSameRun && leader.connection.kind !== 'away' && isReached && leavesOutNothing(leader);
    }

    /** Whether the leader's stream has every sale that this tab still needs: it is past its opening, or this tab began later. */
    function leavesOutNothing(leader: Report): boolean {
      if (leader.opening === null || idOf(leader.lastId) >= leader.opening.before_id) return true;
      if (opening === null) return false;
      return opening.before_id >= leader.opening.before_id && opening.day_index >= leader.opening.day_index;
    }

    function takeStatus(leader: Report): void {
      if (leader.status === null || isOlder(leader.status, status)) return;
      take([{ message: { type: 'status', status: leader.status }, lastId: undefined }]);
    }

    /** Opens a stream of this tab's own if the leader stays silent. A hidden tab waits until it is shown. */
    function watch(ms: number): void {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        if (isLeader) return;
        // What a silent leader had reported says nothing of what it will deliver.
        latest = null;
        if (!stream.isOpen() && !tabs.isHidden()) stream.open();
      }, ms);
    }

    function askLeader(kind: 'hello' | 'retry'): void {
      tabs.post({ kind });
      watch(ANSWER_MS);
    }

    tabs.listen(receive);
    tabs.onShown(() => {
      if (!stream.isOpen()) askLeader('hello');
    });
    stream.open();
    tabs.lead(() => {
      isLeader = true;
      stream.open();
      report(target.lastId(), [], false);
    });
    tabs.post({ kind: 'hello' });
    return { retryNow: () => (stream.isOpen() ? stream.retryNow() : askLeader('retry')) };
  };
}

/** The messages without the sales up to a position. */
function unseen(received: readonly Received[], lastId: string | null): Received[] {
  let reached = idOf(lastId);
  return received.flatMap((each): Received[] => {
    const { message } = each;
    if (message.type === 'reset') reached = 0;
    if (message.type !== 'sales') return [each];
    const sales = message.sales.filter(({ id }) => id > reached);
    return sales.length > 0 ? [{ ...each, message: { ...message, sales } }] : [];
  });
}

/** Ids begin at 1; before a run's first sale every one of them is still to come. */
function idOf(lastId: string | null): number {
  return Number(lastId ?? 0);
}

function isOlder(one: StatusMessage, other: StatusMessage | null): boolean {
  if (other === null || one.day_index !== other.day_index) return one.day_index < (other?.day_index ?? -1);
  return one.day_received < other.day_received;
}

function isSame(one: Connection, other: Connection | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
