import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { certainlyUnchanged, OutcomeUnknownError } from './dynamodb.ts';
import { STATE_KEY, toState } from './items.ts';
import type { SimulationState } from './state.ts';
import type { Item, Table, Update } from './table.ts';

/** What became of a click. */
export type Advance =
  /** `days` were taken: as many as asked for, or what was left. */
  | { readonly outcome: 'advanced'; readonly state: SimulationState; readonly days: number }
  | { readonly outcome: 'not_initialized' }
  | { readonly outcome: 'completed' }
  | { readonly outcome: 'run_replaced' };

export interface AdvanceRequest {
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  readonly traceparent: string;
}

/**
 * Accepts a click: advances the run by `days` in one conditional update, so that however many callers press at once, each
 * accepted click takes days of its own and none is skipped. Near the end it takes what is left.
 *
 * @throws OutcomeUnknownError if the answer was lost; an increment must not be sent twice.
 */
export async function advanceDays(table: Table, days: number, click: AdvanceRequest): Promise<Advance> {
  const before = await attempt(table, {
    UpdateExpression: `SET day_index = day_index + :days, days_left = days_left - :days, ${REQUEST}`,
    ConditionExpression: 'days_left >= :days',
    ExpressionAttributeValues: { ':days': days, ...requestValues(click) },
  });
  if (before.accepted) return advanced(before.state, days, click);

  const refused = refusal(before.state);
  return refused ?? takeRemainingDays(table, before.state as SimulationState, click);
}

/** Fewer days are left than were asked for: takes all that this same run still has. */
async function takeRemainingDays(
  table: Table,
  seen: SimulationState,
  click: AdvanceRequest,
): Promise<Advance> {
  const before = await attempt(table, {
    UpdateExpression: `SET day_index = last_index, days_left = :zero, ${REQUEST}`,
    ConditionExpression: 'run_id = :run AND days_left > :zero',
    ExpressionAttributeValues: { ':zero': 0, ':run': seen.runId, ...requestValues(click) },
  });
  if (before.accepted) return advanced(before.state, before.state.daysLeft, click);
  return before.state?.runId === seen.runId ? { outcome: 'completed' } : { outcome: 'run_replaced' };
}

const REQUEST = 'requested_at = :at, traceparent = :trace REMOVE declared_day_total';

function requestValues({ requestedAt, traceparent }: AdvanceRequest): Item {
  return { ':at': requestedAt, ':trace': traceparent };
}

type Attempt =
  | { readonly accepted: true; readonly state: SimulationState }
  | { readonly accepted: false; readonly state: SimulationState | null };

/** Makes a click's update, once at most. Answers with the state before it (or as it stands, if the condition didn't hold). */
async function attempt(table: Table, update: Update): Promise<Attempt> {
  const command = new UpdateCommand({
    TableName: table.name,
    Key: { ...STATE_KEY },
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...update,
  });
  try {
    const state = toState((await table.incrementClient.send(command)).Attributes);
    if (!state) throw new TypeError('DynamoDB accepted a click on a state that has no run.');
    return { accepted: true, state };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { accepted: false, state: toState(error.Item && unmarshall(error.Item)) };
    }
    if (certainlyUnchanged(error)) throw error;
    throw new OutcomeUnknownError('next-day', error);
  }
}

/** Why a click on this state is refused, or null if days are left. */
function refusal(state: SimulationState | null): Advance | null {
  if (!state || state.lastIndex < 0) return { outcome: 'not_initialized' };
  return state.daysLeft === 0 ? { outcome: 'completed' } : null;
}

function advanced(
  before: SimulationState,
  days: number,
  { requestedAt, traceparent }: AdvanceRequest,
): Advance {
  const state: SimulationState = {
    ...before,
    dayIndex: before.dayIndex + days,
    daysLeft: before.daysLeft - days,
    requestedAt,
    traceparent,
  };
  return { outcome: 'advanced', state, days };
}
