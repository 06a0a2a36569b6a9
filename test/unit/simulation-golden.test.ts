import { describe, expect, it } from 'vitest';
import { simulationApi } from '../../functions/simulation/implementations.ts';
import { type ApiFunction, createApiHandler } from '../../shared/http/api-handler.ts';
import { apiEvent, ask, recordingLog } from '../support/api-events.ts';
import { memorySimulationStore } from '../support/memory-simulation-store.ts';
import {
  type Correction,
  correctionOf,
  type Recorded,
  simulationRecording,
} from '../support/simulation-recording.ts';

/** Wrong methods never reach this function, and analyses are another's. */
const exchanges = [...simulationRecording.entries()].filter(
  ([, each]) => each.request.includes(' /simulation/') && each.status !== 405,
);

function freshStart(): ApiFunction {
  const implementations = simulationApi(memorySimulationStore(), () => new Date('2026-01-01T00:00:00Z'));
  return createApiHandler({ implementations, log: recordingLog().log });
}

function eventOf({ request, request_body, request_body_raw, request_content_type }: Recorded) {
  const type = request_content_type ?? (request_body === undefined ? undefined : 'application/json');
  const body = request_body_raw ?? (request_body === undefined ? undefined : JSON.stringify(request_body));
  return apiEvent(request, {
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    ...(body === undefined ? {} : { body }),
  });
}

/** Of 731 days the recording shows some only; these are the clicks between. */
async function clickUntil(handler: ApiFunction, dayIndex: number): Promise<void> {
  let status = await ask(handler, apiEvent('GET /simulation/status'));
  while (status.json.day_index < dayIndex) {
    await handler(apiEvent('POST /simulation/next-day'));
    status = await ask(handler, apiEvent('GET /simulation/status'));
  }
}

/** What has to be answered; of a refusal of bad input only status and code, since ours are problem documents. */
function wanted(each: Recorded, correction: Correction | undefined): { status: number; body: object } {
  const status = correction?.status ?? each.status;
  if (status === 422) return { status, body: { code: 'invalid_request' } };
  const kept = status === each.status ? Object(each.body) : {};
  return { status, body: { ...kept, ...correction?.body } };
}

function isCovered(actual: object, body: object): boolean {
  return Object.entries(body).every(([name, value]) =>
    Object.entries(actual).some(([n, v]) => n === name && v === value),
  );
}

describe('the recorded answers of the original', () => {
  it('are ours as well, where they are not flawed', async () => {
    const handler = freshStart();
    for (const [index, each] of exchanges) {
      if (each.note?.startsWith('731 dates, day')) await clickUntil(handler, Object(each.body).day_index);
      const correction = correctionOf(each, index);
      const response = await ask(handler, eventOf(each));
      const answer = { status: response.statusCode, body: response.json };
      expect(answer, `#${index} ${each.request} ${each.note}; ${correction?.flaw}`).toMatchObject(
        wanted(each, correction),
      );
    }
  });

  it('are wrong wherever we say so', () => {
    const corrected = exchanges.filter(([index, each]) => correctionOf(each, index));
    expect(corrected).toHaveLength(27);
    for (const [index, each] of corrected) {
      const { status, body } = wanted(each, correctionOf(each, index));
      const isSame = status === each.status && isCovered(Object(each.body), body);
      expect(isSame, `#${index} ${each.request} ${each.note}`).toBe(false);
    }
  });
});
