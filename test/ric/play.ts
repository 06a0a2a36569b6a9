/** Plays a day and calls every function once, so that each bundle has worked under the runtime client. */
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { smoke } from '../../infra/local/cli/smoke-test.ts';
import { TOKEN } from '../support/bundled-functions.ts';
import type { BundledSystem } from './system.ts';

const newest = z.object({ events: z.array(z.object({ date: z.iso.date() })) });
const recent = z.object({
  events: z.array(z.object({ store_id: z.string(), product_id: z.string() })).min(1),
});

/** @throws Error naming what failed. */
export async function playOn(
  { host, functions, functionNames }: BundledSystem,
  say: (line: string) => void,
): Promise<void> {
  const url = new URL(host.url);
  await smoke({ url, token: TOKEN, say });
  // A forecast needs 20 days.
  for (let day = 0; day < 24; day += 1) await post(url, '/simulation/next-day');
  const { error } = await host.invoke('reconciliation', {});
  if (error) throw new Error(`reconciliation failed: ${error.errorMessage}`);
  await callEveryApi(url);
  await resumeStream(url);
  await expectNotModified(url);
  const idle = functionNames.filter((name) => !functions.invocations.has(name));
  if (idle.length > 0) throw new Error(`Never invoked: ${idle.join(', ')}`);
  if (functions.failures.length > 0) throw new Error(functions.failures.join('\n'));
  const counts = [...functions.invocations].map(([name, count]) => `${name} ${count}`);
  say(`Invocations without a failure: ${counts.join(', ')}`);
}

async function callEveryApi(url: URL): Promise<void> {
  await untilStored(url, '2022-01-25');
  const { events } = recent.parse(await (await get(url, '/sales/recent?limit=1')).json());
  const [{ store_id, product_id } = { store_id: '', product_id: '' }] = events;
  const series = `store_id=${store_id}&product_id=${product_id}`;
  for (const path of [
    '/simulation/status',
    '/sales/summary',
    `/price/sensitivity?${series}`,
    `/demand/forecast?${series}`,
    '/docs',
    '/openapi.json',
    '/metrics',
    '/health',
  ]) {
    await get(url, path);
  }
  await post(url, `/optimize/demand?${series}&n_trials=5`);
}

const STORED_WITHIN_MS = 60_000;

async function untilStored(url: URL, date: string): Promise<void> {
  const deadline = performance.now() + STORED_WITHIN_MS;
  while (performance.now() < deadline) {
    const { events } = newest.parse(await (await get(url, '/sales/recent?limit=1')).json());
    if ((events[0]?.date ?? '') >= date) return;
    await setTimeout(500);
  }
  throw new Error(`${date} was not stored within ${STORED_WITHIN_MS} ms.`);
}

async function get(url: URL, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(new URL(path, url), { headers });
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

async function post(url: URL, path: string): Promise<void> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
}

/** A viewer who comes back continues after the last event it saw. */
async function resumeStream(url: URL): Promise<void> {
  const response = await get(url, '/stream/events', { 'last-event-id': '50' });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const [, id] = /^id: ?(\d+)$/m.exec(text) ?? [];
    if (id === undefined) continue;
    if (id !== '51') throw new Error(`A stream resumed after event 50 continued with ${id}.`);
    // Leaving the loop closes the stream.
    return;
  }
  throw new Error(`A resumed stream delivered nothing: ${text}`);
}

/** A streamed response without a body. */
async function expectNotModified(url: URL): Promise<void> {
  const etag = (await get(url, '/stream/live')).headers.get('etag');
  if (etag === null) throw new Error('The page has no ETag.');
  const again = await fetch(new URL('/stream/live', url), { headers: { 'if-none-match': etag } });
  if (again.status !== 304) throw new Error(`An unchanged page answered ${again.status}.`);
}
