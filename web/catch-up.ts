import type { SaleMessage, StatusMessage } from '../shared/api/live.ts';
import type { CatchUp, Connection, Run } from './state.ts';

/** A connection that goes on from where another broke off has something to catch up with. */
export function beginCatchUp(connection: Connection): CatchUp | null {
  if (connection.kind !== 'live' || !connection.resumed) return null;
  return { upTo: null, sales: 0, at: connection.since };
}

/** The first status of a connection comes before its sales, and tells what was missed. */
export function aimCatchUp(catchUp: CatchUp | null, status: StatusMessage): CatchUp | null {
  if (!catchUp || catchUp.upTo) return catchUp;
  return { ...catchUp, upTo: { dayIndex: status.day_index, received: status.day_received } };
}

/** Counts what was missed among sales that came at a time (ms). @param run Before these sales. */
export function countCatchUp(
  catchUp: CatchUp | null,
  sales: readonly SaleMessage[],
  run: Run,
  at: number,
): CatchUp | null {
  if (!catchUp?.upTo) return catchUp;
  const { dayIndex, received } = catchUp.upTo;
  const before = sales.filter(({ day_index }) => day_index < dayIndex).length;
  const ofDay = sales.filter(({ day_index }) => day_index === dayIndex).length;
  const missing = Math.max(0, received - (run.days.get(dayIndex)?.events ?? 0));
  const missed = before + Math.min(ofDay, missing);
  return missed === 0 ? catchUp : { ...catchUp, sales: catchUp.sales + missed, at };
}
