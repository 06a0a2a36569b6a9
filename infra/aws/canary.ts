/** Looks at a deployed stage as a visitor does, through its public address, and changes nothing. Invoked on a schedule. */
import * as z from 'zod';
import { readLivePage, streamEvents } from '../../shared/api/live.ts';
import { readHealth } from '../../shared/api/system.ts';
import { readSettings } from '../../shared/settings.ts';

/** Cold starts of all functions on the way fit. */
const TIMEOUT_MS = 20_000;

/**
 * Checks health, the page, and that a stream begins.
 *
 * @param address The public address, `https://…`.
 * @throws Error naming the path that doesn't answer as it should.
 */
export async function probe(address: string): Promise<void> {
  await expectStart(address, readHealth.path, '"status":"ok"');
  await expectStart(address, readLivePage.path, '<!doctype html>');
  await expectStart(address, streamEvents.path, 'event: status');
}

/** Reads until a text has arrived, then hangs up: a stream would not end by itself for minutes. */
async function expectStart(address: string, path: string, text: string): Promise<void> {
  const aborting = new AbortController();
  const signal = AbortSignal.any([aborting.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(new URL(path, address), { signal });
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    let received = '';
    for await (const chunk of response.body ?? []) {
      received += Buffer.from(chunk).toString();
      if (received.includes(text)) return;
    }
    throw new Error(`it ended without ${JSON.stringify(text)}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} failed: ${reason}`, { cause: error });
  } finally {
    aborting.abort();
  }
}

/** Probes the public address; a failure fails the invocation, which raises the alarm. */
export async function handler(): Promise<void> {
  await probe(readSettings(z.object({ PUBLIC_ADDRESS: z.url() })).PUBLIC_ADDRESS);
}
