import { holdCommits } from './held-commits.ts';
import type { Scenario } from './scenario.ts';
import type { Fault } from './schedule.ts';
import { startOutage } from './server-faults.ts';

/** An active fault. */
export interface InjectedFault {
  /** Ends a fault that lasts. */
  end(): Promise<void>;
  /** Cancels a fault that is still waiting for its moment. */
  cancel(): void;
  /** False while it waits for a function to reach its point. */
  hasHappened(): boolean;
  /** Settles when the consequences are over, such as the restart of a killed host. */
  readonly over: Promise<unknown>;
}

const nothing = async () => {};
/** Clearing the fault points cancels it. */
const whenPointsAreCleared = () => {};

/** Injects a fault. */
export async function injectFault(scenario: Scenario, fault: Fault): Promise<InjectedFault> {
  const { environment, client, killHost, viewers } = scenario;
  switch (fault.kind) {
    case 'outage':
      return lasting(await startOutage(environment.servers[fault.server], fault.outage));
    case 'commits held': {
      const commits = await holdCommits(environment.observed.pool);
      return lasting(commits.release);
    }
    case 'freeze':
      return lasting(scenario.beginFreeze());
    case 'kill':
      return now(killHost());
    case 'reset':
      return now(client.retryUntilAccepted('/simulation/reset'));
    case 'init':
      return now(
        client.retryUntilAccepted('/simulation/init', { dates: scenario.dates.slice(0, fault.days) }),
      );
    case 'viewers':
      for (const viewer of viewers) viewer.breakOff();
      return now(nothing());
    case 'foreign batch':
      return now(scenario.eventually(() => environment.foreign.send(fault)));
    case 'kill at': {
      const held = environment.faultPoints.hold(fault.point);
      return armed((happened) => {
        void held.reached.then(() => happened(killHost()));
        return whenPointsAreCleared;
      });
    }
    case 'delivery':
      return armed((happened) => {
        void environment.faultPoints.answerNext(fault.point, fault.verdict).then(() => happened(nothing()));
        return whenPointsAreCleared;
      });
    case 'lost answer':
      return armed((happened) =>
        environment.servers.dynamodb.proxy.onceSent('days_left - :days', (asking) => {
          asking.loseAnswer();
          happened(nothing());
        }),
      );
  }
}

function lasting(end: () => Promise<void>): InjectedFault {
  return { end, cancel: () => undefined, hasHappened: () => true, over: Promise.resolve() };
}

function now(over: Promise<unknown>): InjectedFault {
  // The caller awaits `over`; until then a rejection must not count as unhandled.
  over.catch(() => undefined);
  return { end: nothing, cancel: () => undefined, hasHappened: () => true, over };
}

/** A fault that waits for its trigger. @param arm Returns a function that cancels it. */
function armed(arm: (happened: (after: Promise<unknown>) => void) => () => void): InjectedFault {
  let after: Promise<unknown> | undefined;
  const cancel = arm((then) => {
    then.catch(() => undefined);
    after = then;
  });
  return {
    end: nothing,
    cancel,
    hasHappened: () => after !== undefined,
    get over() {
      return after ?? Promise.resolve();
    },
  };
}
