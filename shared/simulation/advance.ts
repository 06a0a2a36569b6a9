import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { certainlyUnchanged, OutcomeUnknownError } from './dynamodb.ts';
import { STATE_KEY, toState } from './items.ts';
import type { SimulationState } from './state.ts';
import type { Item, Table, Update } from './table.ts';

/** The outcome of a request to advance. */
export type Advance =
  /** `days` were accepted: as many as requested, or all that were left. */
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
 * Advances the run in one conditional update. However many callers ask at once, each accepted request gets different days and no
 * day is skipped. Near the end of the calendar it takes the remaining days.
 *
 * @param days From 1.
 * @throws OutcomeUnknownError if the response was lost; an increment must not be sent twice.
 */
export async function advanceDays(table: Table, days: number, request: AdvanceRequest): Promise<Advance> {
  const before = await attempt(table, {
    UpdateExpression: `SET day_index = day_index + :days, days_left = days_left - :days, ${REQUEST}`,
    ConditionExpression: 'days_left >= :days',
    ExpressionAttributeValues: { ':days': days, ...requestValues(request) },
  });
  if (before.accepted) return advanced(before.state, days, request);

  const current = before.state;
  if (!current || current.lastIndex < 0) return { outcome: 'not_initialized' };
  if (current.daysLeft === 0) return { outcome: 'completed' };
  return takeRemainingDays(table, current, request);
}

/** Takes all days that the same run has left, which are fewer than requested. */
async function takeRemainingDays(
  table: Table,
  seen: SimulationState,
  request: AdvanceRequest,
): Promise<Advance> {
  const before = await attempt(table, {
    UpdateExpression: `SET day_index = last_index, days_left = :zero, ${REQUEST}`,
    ConditionExpression: 'run_id = :run AND days_left > :zero',
    ExpressionAttributeValues: { ':zero': 0, ':run': seen.runId, ...requestValues(request) },
  });
  if (before.accepted) return advanced(before.state, before.state.daysLeft, request);
  return before.state?.runId === seen.runId ? { outcome: 'completed' } : { outcome: 'run_replaced' };
}

const REQUEST = 'requested_at = :at, traceparent = :trace REMOVE declared_day_total';

function requestValues({ requestedAt, traceparent }: AdvanceRequest): Item {
  return { ':at': requestedAt, ':trace': traceparent };
}

type Attempt =
  | { readonly accepted: true; readonly state: SimulationState }
  | { readonly accepted: false; readonly state: SimulationState | null };

/** Sends an update at most once. @returns the state before it, or the current state if the condition failed. */
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
    if (!state) throw new TypeError('DynamoDB accepted an advance of a state that has no run.');
    return { accepted: true, state };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { accepted: false, state: toState(error.Item && unmarshall(error.Item)) };
    }
    if (certainlyUnchanged(error)) throw error;
    throw new OutcomeUnknownError('next-day', error);
  }
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
