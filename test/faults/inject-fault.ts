import { holdCommits } from './held-commits.ts';
import type { Play } from './scenario.ts';
import type { Fault } from './schedule.ts';
import { begin } from './server-faults.ts';

/** A fault that has begun. */
export interface Strike {
  /** Ends what lasts. */
  end(): Promise<void>;
  /** Lets what still waits for its moment never happen. */
  callOff(): void;
  /** False while it waits for a function to come to its point. */
  hasHappened(): boolean;
  /** Resolves, or rejects, when what follows from it is over, such as the start of a killed host. */
  readonly over: Promise<unknown>;
}

const nothing = async () => {};
/** Whoever clears the points has called it off. */
const whenPointsAreCleared = () => {};

/** Begins a fault. */
export async function strike(play: Play, fault: Fault): Promise<Strike> {
  const { arena, client, killHost, viewers } = play;
  switch (fault.kind) {
    case 'outage':
      return lasting(await begin(arena.servers[fault.server], fault.outage));
    case 'commits held': {
      const commits = await holdCommits(arena.observed.pool);
      return lasting(commits.release);
    }
    case 'freeze':
      return lasting(play.beginFreeze());
    case 'kill':
      return now(killHost());
    case 'reset':
      return now(client.insist('/simulation/reset'));
    case 'init':
      return now(client.insist('/simulation/init', { dates: play.dates.slice(0, fault.days) }));
    case 'viewers':
      for (const viewer of viewers) viewer.breakOff();
      return now(nothing());
    case 'kill at': {
      const held = arena.points.hold(fault.point);
      return armed((happened) => {
        void held.reached.then(() => happened(killHost()));
        return whenPointsAreCleared;
      });
    }
    case 'delivery':
      return armed((happened) => {
        void arena.points.tellNext(fault.point, fault.verdict).then(() => happened(nothing()));
        return whenPointsAreCleared;
      });
    case 'lost answer':
      return armed((happened) =>
        arena.servers.dynamodb.proxy.onceSent('days_left - :days', (asking) => {
          asking.loseAnswer();
          happened(nothing());
        }),
      );
  }
}

function lasting(end: () => Promise<void>): Strike {
  return { end, callOff: () => undefined, hasHappened: () => true, over: Promise.resolve() };
}

function now(over: Promise<unknown>): Strike {
  // Whoever waits for it is told; until then it counts as handled.
  over.catch(() => undefined);
  return { end: nothing, callOff: () => undefined, hasHappened: () => true, over };
}

/** One that waits until it is reached. @param arm Gives what calls it off. */
function armed(arm: (happened: (after: Promise<unknown>) => void) => () => void): Strike {
  let after: Promise<unknown> | undefined;
  const callOff = arm((then) => {
    then.catch(() => undefined);
    after = then;
  });
  return {
    end: nothing,
    callOff,
    hasHappened: () => after !== undefined,
    get over() {
      return after ?? Promise.resolve();
    },
  };
}
