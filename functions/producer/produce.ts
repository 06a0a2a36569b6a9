import type { Logger } from '../../shared/observability/logger.ts';
import { traceIdOf } from '../../shared/observability/trace.ts';
import { type PublicationBorders, publishDue } from '../../shared/publication/publication.ts';
import { type AcceptedRun, acceptedRuns, streamEvent } from './accepted-days.ts';

/**
 * Publishes what the clicks in a batch of stream records made due. The records are the trigger; what is published is told
 * by the run's own progress, so records that come late, twice or not at all make no difference to the outcome.
 *
 * @param event The payload of a DynamoDB event source, filtered to images of the state.
 */
export async function produce(borders: PublicationBorders, log: Logger, event: unknown): Promise<void> {
  for (const run of acceptedRuns(streamEvent.parse(event))) {
    const days = await publishDue(borders, run.runId, run.acceptedIndex, run.clicks);
    logPublished(log, run, days);
  }
}

/** One line for each click of the batch. */
function logPublished(log: Logger, { runId, acceptedIndex, clicks }: AcceptedRun, days: number): void {
  const traces = new Set([...clicks.values()].map(({ traceparent }) => traceIdOf(traceparent)));
  for (const trace_id of traces) {
    log.info('days published', {
      trace_id,
      run_id: runId,
      up_to_day_index: acceptedIndex,
      days_of_batch: days,
    });
  }
}
