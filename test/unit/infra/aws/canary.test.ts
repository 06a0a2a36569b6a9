import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../../../infra/aws/canary.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A site whose stream stays open after its first event. */
async function site(broken: Record<string, { status?: number; body?: string }> = {}) {
  const requests: string[] = [];
  const streams = { open: 0 };
  const bodies: Record<string, string> = {
    '/health': '{"status":"ok","service":"api"}',
    '/stream/live': '<!doctype html><title>Live</title>',
    '/stream/events': 'event: status\ndata: {}\n\n',
  };
  const listening = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path}`);
    const { status = 200, body = bodies[path] ?? '' } = broken[path] ?? {};
    response.writeHead(status).write(body || ' ');
    if (path !== '/stream/events' || broken[path]) {
      response.end();
      return;
    }
    streams.open += 1;
    response.on('close', () => {
      streams.open -= 1;
    });
  }).listen(0, '127.0.0.1');
  server = listening;
  await once(listening, 'listening');
  return { address: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, requests, streams };
}

describe('the canary', () => {
  it('the canary reads health, the page and the beginning of the stream, and hangs up', async () => {
    const { address, requests, streams } = await site();
    await probe(address);
    expect(requests).toEqual(['GET /health', 'GET /stream/live', 'GET /stream/events']);
    await expect.poll(() => streams.open).toBe(0);
  });

  it.each([
    ['/health', { body: '{"status":"down"}' }],
    ['/stream/live', { status: 503 }],
    ['/stream/events', { body: ': nothing' }],
  ])('the canary fails and names %s if it does not answer as it should', async (path, answer) => {
    const { address } = await site({ [path]: answer });
    await expect(probe(address)).rejects.toThrow(path);
  });
});
