import { expect } from 'vitest';
import { type ClientStore, simulationApi } from '../../functions/simulation/api.ts';
import type { ApiFunction } from '../../shared/http/api-handler.ts';
import { apiEvent, apiHandler, ask, lambdaContext, recordingLog } from './api-events.ts';
import { type Correction, correctionOf, type Recorded, simulationRecording } from './simulation-recording.ts';

/** Wrong methods never reach this function, and analyses belong to others. */
export const exchanges = [...simulationRecording.entries()].filter(
  ([, each]) => each.request.includes(' /simulation/') && each.status !== 405,
);

/** Replays the original's recorded requests on a store without a calendar, and expects its responses. */
export async function replayRecording(store: ClientStore): Promise<void> {
  const implementations = simulationApi(store, () => new Date('2026-01-01T00:00:00Z'));
  const handler = apiHandler({ routes: implementations, log: recordingLog().log });
  for (const [index, each] of exchanges) {
    if (each.note?.startsWith('731 dates, day')) await clickUntil(handler, Object(each.body).day_index);
    const correction = correctionOf(each, index);
    const response = await ask(handler, eventOf(each));
    const answer = { status: response.statusCode, body: response.json };
    const where = `#${index} ${each.request} (${each.note ?? ''}) ${correction?.flaw ?? ''}`;
    expect(answer, where).toMatchObject(wanted(each, correction));
  }
}

/** The expected response; for rejected input only status and code, because ours are problem documents. */
export function wanted(each: Recorded, correction: Correction | undefined): { status: number; body: object } {
  const status = correction?.status ?? each.status;
  if (status === 422) return { status, body: { code: 'invalid_request' } };
  const kept = status === each.status ? Object(each.body) : {};
  return { status, body: { ...kept, ...correction?.body } };
}

function eventOf({ request, request_body, request_body_raw, request_content_type }: Recorded) {
  const type = request_content_type ?? (request_body === undefined ? undefined : 'application/json');
  const body = request_body_raw ?? (request_body === undefined ? undefined : JSON.stringify(request_body));
  return apiEvent(request, {
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    ...(body === undefined ? {} : { body }),
  });
}

/** The recording shows only some of the 731 days; these are the advances between. */
async function clickUntil(handler: ApiFunction, dayIndex: number): Promise<void> {
  const { json } = await ask(handler, apiEvent('GET /simulation/status'));
  for (let day = json.day_index; day < dayIndex; day += 1)
    await handler(apiEvent('POST /simulation/next-day'), lambdaContext());
}
