import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemDocument } from '../../../../shared/api/openapi/document.ts';
import { type DocumentChecker, documentChecker, type SeenAnswer } from '../../../support/documented.ts';
import { type FuzzTarget, fuzzRequest } from '../../../support/fuzz.ts';
import { sendPatiently } from '../../../support/http-client.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

/** Requests sent to each operation; each must be answered as documented, and never by a 5xx. */
const REQUESTS_EACH = 30;
const TOKEN = 'a-token-of-the-test';

const { paths } = await systemDocument();
const targets: FuzzTarget[] = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

let system: RunningSystem;
let checker: DocumentChecker;
beforeAll(async () => {
  [system, checker] = await Promise.all([startSystem({ days: 30, apiToken: TOKEN }), documentChecker()]);
});
afterAll(() => system.stop());

function expectDocumented(answer: SeenAnswer): void {
  expect(checker.check(answer), `${answer.status} ${answer.body.slice(0, 300)}`).toEqual([]);
}

it.each(targets.map((target) => [target.operation.operationId, target] as const))(
  'the operation %s answers as documented, whatever it is sent',
  async (_id, target) => {
    const request = fuzzRequest(target, `Bearer ${TOKEN}`);
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, headers, body }) => {
        const options = { headers: headers ?? {}, ...(body === undefined ? {} : { body }) };
        const { status } = await sendPatiently(expectDocumented, system.url, method, path, options);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: REQUESTS_EACH, endOnFailure: true },
    );
  },
);
