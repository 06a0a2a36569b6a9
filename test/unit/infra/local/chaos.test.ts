import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createChaos, noChaos } from '../../../../infra/local/chaos.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A system whose parts write down what is done to them. */
function fakeSystem({ apiToken = '', startFails = false, startHangs = false } = {}) {
  const done: string[] = [];
  const failures: unknown[] = [];
  const mysql = {
    kill: async () => void done.push('kill mysql'),
    start: async (signal?: AbortSignal) => {
      if (startFails) throw new Error('no disk');
      if (startHangs) {
        await new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      }
      done.push('start mysql');
    },
    pause: () => void done.push('pause mysql'),
    resume: () => void done.push('resume mysql'),
  };
  const chaos = createChaos({
    servers: new Map([['mysql', mysql]]),
    functions: {
      hold: (name, isHeld) => void done.push(`${isHeld ? 'hold' : 'release'} ${name}`),
      crash: async (name) => void done.push(`crash ${name}`),
    },
    apiToken,
    log: { write: () => undefined, functionLine: () => undefined },
    onFailure: (error) => failures.push(error),
  });
  async function ask(method: string, url: string, body: string | null = '', authorization?: string) {
    const headers = authorization === undefined ? {} : { authorization };
    const request = { method, url, headers, body: async () => (body === null ? null : Buffer.from(body)) };
    const response = await chaos.routes(request);
    return (
      response && {
        status: response.statusCode,
        headers: response.headers,
        json: JSON.parse(String(response.body)),
      }
    );
  }
  const injectFault = (part: string, action: string, seconds: unknown = 5, authorization?: string) =>
    ask('POST', `/chaos/${part}`, JSON.stringify({ action, seconds }), authorization);
  return { done, failures, chaos, ask, injectFault };
}

describe('faults', () => {
  it.each([
    ['mysql', 'kill', ['kill mysql'], ['start mysql']],
    ['mysql', 'pause', ['pause mysql'], ['resume mysql']],
    ['consumer', 'pause', ['hold consumer'], ['release consumer']],
    ['producer', 'kill', ['hold producer', 'crash producer'], ['release producer']],
  ])('%s is broken by %s until its seconds are over', async (part, action, begun, ended) => {
    const { injectFault, done, ask } = fakeSystem();
    const response = await injectFault(part, action, 5);
    expect(response).toMatchObject({ status: 202, json: { part, action, seconds: 5 } });
    expect(done).toEqual(begun);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(done).toEqual(begun);
    const { json } = (await ask('GET', '/chaos')) ?? {};
    expect(json.parts).toContainEqual({ part, fault: { action, ends_at: response?.json.ends_at } });
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual([...begun, ...ended]);
    expect((await ask('GET', '/chaos'))?.json.parts).toContainEqual({ part, fault: null });
  });

  it('a part has one fault at a time, and others meanwhile', async () => {
    const { injectFault } = fakeSystem();
    const answers = await Promise.all([
      injectFault('mysql', 'kill'),
      injectFault('mysql', 'pause'),
      injectFault('consumer', 'kill'),
    ]);
    expect(answers.map((answer) => answer?.status)).toEqual([202, 422, 202]);
    expect(answers[1]?.json.detail).toContain('kill ends at');
  });

  it('a shutdown ends every fault at once, without starting what was killed', async () => {
    const { injectFault, chaos, done } = fakeSystem();
    await injectFault('mysql', 'kill', 30);
    await injectFault('consumer', 'pause', 30);
    await chaos.stop();
    expect(done).toEqual(['kill mysql', 'hold consumer', 'release consumer']);
    expect((await injectFault('mysql', 'pause'))?.status).toBe(422);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toHaveLength(3);
  });

  it('a server that does not start again is reported, and has no fault any more', async () => {
    const { injectFault, failures, ask } = fakeSystem({ startFails: true });
    await injectFault('mysql', 'kill', 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failures).toEqual([new Error('no disk')]);
    expect((await ask('GET', '/chaos'))?.json.parts).toContainEqual({ part: 'mysql', fault: null });
  });

  it('a shutdown does not wait until a server that was killed is ready again, which is no failure', async () => {
    const { injectFault, failures, chaos } = fakeSystem({ startHangs: true });
    await injectFault('mysql', 'kill', 1);
    await vi.advanceTimersByTimeAsync(1_000);
    await chaos.stop();
    expect(failures).toEqual([]);
  });
});

describe('refused faults', () => {
  it.each([
    ['a body that is no JSON', 'x', 'body'],
    ['an unknown action', '{"action":"melt","seconds":5}', 'body.action'],
    ['no seconds', '{"action":"kill"}', 'body.seconds'],
    ['too many seconds', '{"action":"kill","seconds":31}', 'body.seconds'],
    ['a fraction of seconds', '{"action":"kill","seconds":1.5}', 'body.seconds'],
  ])('a fault with %s is invalid, names the field and shows a valid body', async (_, body, field) => {
    const { ask, done } = fakeSystem();
    const answer = await ask('POST', '/chaos/mysql', body);
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_request', errors: [{ field }] } });
    expect(answer?.json.detail).toContain('{"action":"kill","seconds":5}');
    expect(answer?.headers['content-type']).toBe('application/problem+json');
    expect(done).toEqual([]);
  });

  it('a body that is too large, an unknown part and another method are refused', async () => {
    const { ask, injectFault } = fakeSystem();
    expect((await ask('POST', '/chaos/mysql', null))?.status).toBe(413);
    expect(await injectFault('page', 'kill')).toMatchObject({
      status: 404,
      json: { detail: expect.stringContaining('dynamodb') },
    });
    expect(await ask('GET', '/chaos/mysql')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await ask('POST', '/chaos')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it('a server that is no process of this start is not listed, and a fault names the remedy', async () => {
    const { ask, injectFault } = fakeSystem();
    const parts = (await ask('GET', '/chaos'))?.json.parts.map(({ part }: { part: string }) => part);
    expect(parts).toEqual(['consumer', 'producer', 'mysql']);
    expect(await injectFault('kafka', 'kill')).toMatchObject({
      status: 404,
      json: { detail: expect.stringContaining('--servers native') },
    });
  });

  it('a fault needs the token if one is configured', async () => {
    const { injectFault, done } = fakeSystem({ apiToken: 'secret' });
    expect((await injectFault('mysql', 'kill'))?.status).toBe(401);
    expect((await injectFault('mysql', 'kill', 5, 'Bearer wrong'))?.status).toBe(401);
    expect(done).toEqual([]);
    expect((await injectFault('mysql', 'kill', 5, 'Bearer secret'))?.status).toBe(202);
  });

  it('a host that breaks nothing lists no parts, and has no answer to a fault', async () => {
    const request = { method: 'GET', url: '/chaos', headers: {}, body: async () => Buffer.from('') };
    expect(JSON.parse(String((await noChaos(request))?.body))).toEqual({ parts: [] });
    expect(await noChaos({ ...request, method: 'POST', url: '/chaos/mysql' })).toBeNull();
  });

  it('requests of other paths have no answer here', async () => {
    const { ask } = fakeSystem();
    for (const url of ['/', '/chaos2', '/health', '/chaos/mysql/more'])
      expect(await ask('POST', url)).toBeNull();
  });
});
