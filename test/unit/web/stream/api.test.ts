import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApi } from '../../../../web/stream/api.ts';
import { eventually } from '../../../support/eventually.ts';

describe('the token', () => {
  const storage = new Map<string, string>();
  let questions: ((token: string | null) => void)[] = [];
  const ask = () => new Promise<string | null>((resolve) => questions.push(resolve));
  const settle = () => eventually(() => expect(questions).toHaveLength(1));

  beforeEach(() => {
    storage.clear();
    questions = [];
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    });
    vi.stubGlobal('fetch', async (_: string, { headers }: { headers: Record<string, string> }) =>
      headers.authorization === 'Bearer right'
        ? Response.json({})
        : Response.json({ code: 'unauthorized' }, { status: 401 }),
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('the token is asked for once, however many requests need it at the same time, and is kept', async () => {
    const api = createApi(ask);
    const answers = Promise.all([api.advanceDays(1), api.advanceDays(1), api.reset()]);
    await settle();
    questions[0]?.('right');
    expect(await answers).toEqual([{ body: {} }, { body: {} }, { body: {} }]);
    expect(await api.advanceDays(1)).toEqual({ body: {} });
    expect(questions).toHaveLength(1);
  });

  test('after a wrong token, the person is asked again only when somebody presses again', async () => {
    const api = createApi(ask);
    const answer = api.advanceDays(1);
    await settle();
    questions[0]?.('wrong');
    expect(await answer).toMatchObject({ problem: { code: 'unauthorized' } });
    expect(questions).toHaveLength(1);
    const again = api.advanceDays(1);
    await eventually(() => expect(questions).toHaveLength(2));
    questions[1]?.('right');
    expect(await again).toEqual({ body: {} });
  });

  test('a token entered for another request in the meantime is not discarded', async () => {
    let release = () => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    const refuse = fetch;
    vi.stubGlobal('fetch', async (path: string, options: { headers: Record<string, string> }) => {
      const answer = await refuse(path, options);
      if (path.endsWith('reset') && !options.headers.authorization) await late;
      return answer;
    });
    const api = createApi(ask);
    const [slow, quick] = [api.reset(), api.advanceDays(1)];
    await settle();
    questions[0]?.('right');
    await quick;
    release();
    expect(await slow).toEqual({ body: {} });
    expect(questions).toHaveLength(1);
  });
});

describe('a request that changes something', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const advance = (request: (signal: AbortSignal) => Promise<Response>) => {
    vi.stubGlobal('sessionStorage', { getItem: () => null });
    vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => request(signal));
    return createApi(async () => null).advanceDays(1);
  };

  test('a request that changes something is given up after ten seconds with an unknown outcome', async () => {
    vi.useFakeTimers();
    const answer = advance(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await vi.advanceTimersByTimeAsync(9_900);
    expect(await Promise.race([answer, 'open'])).toBe('open');
    await vi.advanceTimersByTimeAsync(200);
    expect(await answer).toMatchObject({
      problem: { code: 'no_answer', detail: 'No answer arrived within 10 seconds.' },
    });
  });

  test('a request that changes something never reports an unreachable server, as the stream may still be live', async () => {
    const answer = await advance(() => Promise.reject(new TypeError('aborted')));
    expect(answer).toMatchObject({
      problem: { code: 'no_answer', title: 'The outcome of your request isn’t known' },
    });
  });
});

describe('a request that was lost', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('a request of an offline device is not sent, and the page says so', async () => {
    const fetched = vi.fn();
    vi.stubGlobal('sessionStorage', { getItem: () => null });
    vi.stubGlobal('navigator', { onLine: false });
    vi.stubGlobal('fetch', fetched);
    const answer = await createApi(async () => null).advanceDays(1);
    expect(answer).toMatchObject({ problem: { code: 'not_sent', title: 'Your request was not sent' } });
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])(
    'a device without a network still reaches a server on itself, %s',
    async (hostname) => {
      vi.stubGlobal('sessionStorage', { getItem: () => null });
      vi.stubGlobal('navigator', { onLine: false });
      vi.stubGlobal('location', { hostname });
      vi.stubGlobal('fetch', async () => Response.json({}));
      expect(await createApi(async () => null).advanceDays(1)).toEqual({ body: {} });
    },
  );

  test('a request whose answer breaks off has an unknown outcome', async () => {
    vi.stubGlobal('sessionStorage', { getItem: () => null });
    const broken = new ReadableStream({ pull: (stream) => stream.error(new TypeError('network error')) });
    vi.stubGlobal('fetch', async () => new Response(broken));
    const answer = await createApi(async () => null).advanceDays(1);
    expect(answer).toMatchObject({ problem: { code: 'no_answer' } });
  });
});

describe('an answer', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const read = (response: () => Response | Promise<Response>) => {
    vi.stubGlobal('fetch', async () => response());
    return createApi(async () => null).read('/metrics');
  };

  test('an answer that is not JSON is distinguished from an unreachable server', async () => {
    expect(await read(() => new Response('<html>'))).toMatchObject({ problem: { code: 'unreadable' } });
    expect(await read(() => Promise.reject(new TypeError('refused')))).toMatchObject({
      problem: { code: 'server_unreachable' },
    });
    const broken = new ReadableStream({ pull: (stream) => stream.error(new TypeError('network error')) });
    expect(await read(() => new Response(broken))).toMatchObject({ problem: { code: 'server_unreachable' } });
  });
});

describe('a question that is asked by POST', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('a question without an answer changes nothing, so the server is called unreachable', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('refused')));
    const api = createApi(async () => null);
    expect(await api.query('/demand/forecast', {}, new AbortController().signal)).toMatchObject({
      problem: { code: 'server_unreachable' },
    });
  });

  test('a question is sent as JSON and can be aborted', async () => {
    const fetched = vi.fn(async (_: string, _init: RequestInit) => Response.json({ units: 3 }));
    vi.stubGlobal('fetch', fetched);
    const abort = new AbortController();
    expect(await createApi(async () => null).query('/demand/forecast', { days: [] }, abort.signal)).toEqual({
      body: { units: 3 },
    });
    expect(fetched).toHaveBeenCalledWith('/demand/forecast', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"days":[]}',
      signal: expect.any(AbortSignal),
    });
    const sentSignal = fetched.mock.calls[0]?.[1].signal;
    expect(sentSignal?.aborted).toBe(false);
    abort.abort();
    expect(sentSignal?.aborted).toBe(true);
  });

  test('a question that is aborted before its turn is not answered', async () => {
    vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
      signal.throwIfAborted();
      return Response.json({});
    });
    const aborted = AbortSignal.abort();
    expect(await createApi(async () => null).query('/demand/forecast', {}, aborted)).toMatchObject({
      problem: { code: 'server_unreachable' },
    });
  });
});

/** Reads that are answered one by one; whatever changes something is answered at once. */
function answerInTurn() {
  const answers: (() => void)[] = [];
  const sent: string[] = [];
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', (path: string, { method = 'GET' }: RequestInit) => {
    sent.push(`${method} ${path}`);
    if (method === 'POST') return Promise.resolve(Response.json({}));
    return new Promise((resolve) => answers.push(() => resolve(Response.json({}))));
  });
  return { api: createApi(async () => null), answers, sent };
}

describe('reads that take their turns', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test('a click is sent at once, however many reads wait for their answers, and the reads take their turns', async () => {
    const { api, answers, sent } = answerInTurn();
    const reads = [1, 2, 3, 4, 5, 6].map((number) => api.read(`/read/${number}`));
    expect(await api.advanceDays(1)).toEqual({ body: {} });
    // Of the browser's six connections one is the stream's and one the click's.
    expect(sent.filter((request) => request.startsWith('GET'))).toHaveLength(4);
    for (let answered = 0; answered < 6; answered += 1) {
      await eventually(() => expect(answers.length).toBeGreaterThan(0));
      answers.shift()?.();
    }
    expect(await Promise.all(reads)).toEqual(reads.map(() => ({ body: {} })));
    expect(sent).toHaveLength(7);
  });

  test('a quick read is sent at once, however many slow reads wait for their answers', async () => {
    const { api, answers, sent } = answerInTurn();
    const reads = [1, 2, 3, 4, 5].map((number) => api.read(`/read/${number}`));
    const quick = api.readAtOnce('/quick');
    await eventually(() => expect(sent).toContain('GET /quick'));
    expect(sent).not.toContain('GET /read/5');
    for (let answered = 0; answered < 6; answered += 1) {
      await eventually(() => expect(answers.length).toBeGreaterThan(0));
      answers.shift()?.();
    }
    expect(await Promise.all([...reads, quick])).toEqual([...reads, quick].map(() => ({ body: {} })));
  });

  test('a read without an answer is given up after a minute, counted from its turn, and the next one gets the turn', async () => {
    const limits: AbortController[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      expect(ms).toBe(60_000);
      const limit = new AbortController();
      limits.push(limit);
      return limit.signal;
    });
    vi.stubGlobal(
      'fetch',
      (_: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const api = createApi(async () => null);
    const reads = [1, 2, 3, 4, 5].map((number) => api.read(`/read/${number}`));
    await eventually(() => expect(limits).toHaveLength(4));
    limits[0]?.abort(new DOMException('The limit is over', 'TimeoutError'));
    expect(await reads[0]).toMatchObject({ problem: { code: 'server_unreachable' } });
    await eventually(() => expect(limits).toHaveLength(5));
    for (const limit of limits) limit.abort();
    await Promise.all(reads);
  });
});
