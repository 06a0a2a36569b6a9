import * as z from 'zod';
import type { Logger } from '../../shared/observability/logger.ts';
import { traceIdOf } from '../../shared/observability/logger.ts';
import {
  type PublicationDependencies,
  publishDue,
  type RequestsByDay,
} from '../../shared/publication/publication.ts';

/**
 * Publishes the days that a batch of stream records made due. The records are only a trigger: what is due follows from the
 * run's own progress, so records that arrive late, twice or never don't change the outcome.
 *
 * @param event The payload of a DynamoDB event source, filtered to images of the state.
 * @throws any error that keeps a day from being published; the event source then delivers the batch again.
 */
export async function produce(
  dependencies: PublicationDependencies,
  log: Logger,
  event: unknown,
): Promise<void> {
  for (const run of acceptedRuns(acceptedRunEvent.parse(event))) {
    const days = await publishDue(dependencies, run.runId, run.acceptedIndex, run.requests);
    logPublished(log, run, days);
  }
}

/** Logs one line per trace of the batch. */
function logPublished(log: Logger, { runId, acceptedIndex, requests }: AcceptedRun, days: number): void {
  const traces = new Set([...requests.values()].map(({ traceparent }) => traceIdOf(traceparent)));
  for (const trace_id of traces) {
    log.info('days published', {
      trace_id,
      run_id: runId,
      up_to_day_index: acceptedIndex,
      days_of_batch: days,
    });
  }
}

/** The parts of a DynamoDB stream record from which accepted days follow. Numbers are strings in a stream. */
const integer = z.object({ N: z.string().regex(/^-?\d+$/) }).transform(({ N }) => Number(N));
const text = z.object({ S: z.string() }).transform(({ S }) => S);

const stateImage = z.object({
  run_id: text,
  day_index: integer,
  requested_at: text.optional(),
  traceparent: text.optional(),
});
const previousImage = z.object({ run_id: text.optional(), day_index: integer.optional() });

export const acceptedRunEvent = z.object({
  Records: z.array(
    z.object({ dynamodb: z.object({ NewImage: stateImage, OldImage: previousImage.optional() }) }),
  ),
});

/** The last accepted day of a run, and the requests that these records contain. */
export interface AcceptedRun {
  readonly runId: string;
  readonly acceptedIndex: number;
  readonly requests: RequestsByDay;
}

/** Groups a batch of stream records by run, in the order in which the runs first appear. */
export function acceptedRuns({ Records }: z.infer<typeof acceptedRunEvent>): AcceptedRun[] {
  const byRun = Map.groupBy(Records, ({ dynamodb }) => dynamodb.NewImage.run_id);
  return [...byRun].map(([runId, records]) => ({
    runId,
    acceptedIndex: Math.max(...records.map(({ dynamodb }) => dynamodb.NewImage.day_index)),
    requests: new Map(records.flatMap(({ dynamodb }) => requestsOf(dynamodb.NewImage, dynamodb.OldImage))),
  }));
}

type StateImage = z.infer<typeof stateImage>;
type PreviousImage = z.infer<typeof previousImage>;

/** The days between two images of one run were accepted by one request. */
function requestsOf(
  { run_id, day_index, requested_at, traceparent }: StateImage,
  before: PreviousImage | undefined,
): [number, { requestedAt: string; traceparent: string }][] {
  if (requested_at === undefined || traceparent === undefined) return [];
  const known = before?.run_id === run_id ? before.day_index : undefined;
  const first = known === undefined ? day_index : known + 1;
  const days = Array.from({ length: Math.max(0, day_index - first + 1) }, (_, offset) => first + offset);
  return days.map((day) => [day, { requestedAt: requested_at, traceparent }]);
}
