import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { afterEach, describe, expect, test } from 'vitest';
import { type BufferedPool, openBufferedPool, type PoolOptions } from '../../../runtime/buffered-pool.ts';
import { eventually } from '../../support/eventually.ts';
import { poolOptions } from '../../support/fixtures.ts';
import { memoryLog } from '../../support/memory-log.ts';

const pools: BufferedPool[] = [];

function pool(
  options: Partial<PoolOptions> = {},
  fixture: 'buffered' | 'streaming' | 'broken-import' = 'buffered',
) {
  const opened = openBufferedPool(poolOptions(fixture, options));
  pools.push(opened);
  return {
    ...opened,
    run: async (event: object) => {
      const { payload, error } = await opened.invoke(JSON.stringify(event));
      return { value: JSON.parse(payload), error };
    },
  };
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((opened) => opened.close(0)));
});

describe('invocations of buffered functions', () => {
  test('a handler gets the event as JSON, and its result is returned as JSON', async () => {
    const event = { do: 'echo', value: { text: 'ä€😀', list: [1, null, { a: true }] } };
    expect(await pool().run(event)).toEqual({ value: event, error: null });
  });

  test('a handler that returns nothing results in null', async () => {
    expect((await pool().run({ do: 'nothing' })).value).toBeNull();
  });

  test("a handler's context has the fields that Lambda provides", async () => {
    const { value } = await pool({ timeoutSeconds: 20, memoryMb: 256 }).run({ do: 'context' });
    expect(value).toMatchObject({
      functionName: 'fixture',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:fixture',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/fixture',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(value.remaining).toBeGreaterThan(10_000);
    expect(value.remaining).toBeLessThanOrEqual(20_000);
  });

  test("a handler sees its function's environment and nothing of the host's", async () => {
    expect((await pool().run({ do: 'environment' })).value).toEqual({ GREETING: 'hello' });
  });

  test('a thrown error is returned with type, message and trace, and its worker keeps running', async () => {
    const fixture = pool();
    const before = await fixture.run({ do: 'instance' });
    const { error } = await fixture.run({ do: 'fail' });
    expect(error).toMatchObject({ errorType: 'RangeError', errorMessage: 'asked to fail' });
    expect(error?.trace?.[0]).toBe('RangeError: asked to fail');
    expect(await fixture.run({ do: 'instance' })).toEqual(before);
  });

  test("a result above Lambda's limit fails the invocation", async () => {
    const { error } = await pool().run({ do: 'large' });
    expect(error?.errorType).toBe('Function.ResponseSizeTooLarge');
  });

  test('an invocation that exceeds the timeout is ended, even if it never yields', async () => {
    const fixture = pool({ timeoutSeconds: 1.5 });
    const { error } = await fixture.run({ do: 'spin' });
    expect(error?.errorType).toBe('Sandbox.Timedout');
    expect(error?.errorMessage).toMatch(/Task timed out after 1\.50 seconds$/);
    // On a stalled machine the next invocations may exceed the timeout too: wait for the first that doesn't.
    const again = () => fixture.run({ do: 'value', value: 1 });
    let next = await again();
    while (next.error?.errorType === 'Sandbox.Timedout') next = await again();
    expect(next.value).toBe(1);
  });

  test('a streaming handler is rejected by a buffered pool', async () => {
    const { error } = await pool({}, 'streaming').run({});
    expect(error?.errorType).toBe('Runtime.WrongHandler');
  });
});

describe('workers of buffered functions', () => {
  test('a worker runs one invocation at a time, and others wait', async () => {
    const fixture = pool();
    const results = await Promise.all(Array.from({ length: 5 }, () => fixture.run({ do: 'sleep', ms: 5 })));
    expect(results.map(({ value }) => value.mostAtOnce)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(results.map(({ value }) => value.instance)).size).toBe(1);
  });

  test('workers are started on demand, up to their maximum number', async () => {
    const fixture = pool({ workers: 2 });
    const one = (await fixture.run({ do: 'sleep', ms: 1 })).value.instance;
    expect((await fixture.run({ do: 'sleep', ms: 1 })).value.instance).toBe(one);
    const results = await Promise.all(Array.from({ length: 6 }, () => fixture.run({ do: 'sleep', ms: 50 })));
    expect(new Set(results.map(({ value }) => value.instance)).size).toBe(2);
  });

  test('a worker that was idle for long enough ends, and the next invocation starts another', async () => {
    const log = memoryLog();
    const fixture = pool({ log, idleSeconds: 0.05 });
    const before = (await fixture.run({ do: 'instance' })).value;
    await eventually(async () => {
      await delay(200);
      expect((await fixture.run({ do: 'instance' })).value).not.toBe(before);
    });
    expect(log.entries).toEqual([]);
  });

  test('a worker that is kept warm does not end by idling', async () => {
    const fixture = pool({ keepWarm: true, idleSeconds: 0.01 });
    const before = (await fixture.run({ do: 'instance' })).value;
    await delay(100);
    expect((await fixture.run({ do: 'instance' })).value).toBe(before);
  });

  test("a worker's young space is bounded by its function's youngMb, whatever the host's own is", async () => {
    // As `node --max-semi-space-size=4` does.
    setFlagsFromString('--max-semi-space-size=4');
    const [small, large] = [pool(), pool({ youngMb: 48 })];
    // Two semi-spaces: 8 MB and 32. On a busy machine V8 takes some pages more, measured up to 10.25 MB.
    expect((await small.run({ do: 'fill young space' })).value).toBeLessThan(16);
    expect((await large.run({ do: 'fill young space' })).value).toBeGreaterThan(24);
  });

  test.each([
    ['calls process.exit', 'exit', 'exit status 3'],
    ['throws an uncaught error', 'throw uncaught', 'Error: nobody catches this'],
    ['fills its memory', 'fill memory', 'reaching memory limit'],
  ])('a worker that %s fails its invocation, is logged and is replaced', async (_case, command, reason) => {
    const log = memoryLog();
    const fixture = pool({ log, memoryMb: 48 });
    const before = await fixture.run({ do: 'instance' });
    const { error } = await fixture.run({ do: command });
    expect(error?.errorType).toBe('Runtime.ExitError');
    expect(JSON.stringify(log.entries)).toContain(reason);
    const after = await fixture.run({ do: 'instance' });
    expect(after.error).toBeNull();
    expect(after.value).not.toBe(before.value);
  });

  test('a warm worker that dies between invocations is replaced immediately', async () => {
    const log = memoryLog();
    const fixture = pool({ log, keepWarm: true });
    await fixture.run({ do: 'throw uncaught later', ms: 1 });
    await eventually(() => expect(log.entries).toHaveLength(1));
    expect((await fixture.run({ do: 'value', value: 'fine' })).value).toBe('fine');
  });

  test('a worker that cannot be started fails each invocation with the cause', async () => {
    const log = memoryLog();
    const fixture = pool({ log }, 'broken-import');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { error } = await fixture.run({});
      expect(error).toMatchObject({ errorType: 'Error', errorMessage: 'this module can not be imported' });
    }
    expect(log.entries.map(({ message }) => message)).toEqual([
      "The function fixture can't be started: Error: this module can not be imported",
    ]);
  });

  test("a worker's output is read line by line", async () => {
    const log = memoryLog();
    await pool({ log }).run({ do: 'log', value: 'ü' });
    await eventually(() => expect(log.lines).toHaveLength(3));
    expect(log.lines.map(({ line }) => line).sort()).toEqual(['to stderr', 'two ü', '{"message":"one"}']);
  });
});

describe('the queue of a buffered function', () => {
  test('a queued invocation is dropped once its caller has stopped waiting', async () => {
    const fixture = pool();
    const long = fixture.run({ do: 'sleep', ms: 100 });
    const late = await fixture.invoke('{"do":"echo"}', 10);
    expect(late.error?.errorType).toBe('TooManyRequestsException');
    expect((await long).error).toBeNull();
  });

  test('a closing pool drops queued invocations and finishes running ones', async () => {
    const fixture = pool();
    await fixture.run({ do: 'instance' });
    const runs = fixture.run({ do: 'sleep', ms: 50 });
    const waits = fixture.run({ do: 'echo' });
    await fixture.close(60_000);
    expect((await runs).error).toBeNull();
    expect((await waits).error?.errorType).toBe('ServiceException');
    expect((await fixture.run({ do: 'echo' })).error?.errorType).toBe('ServiceException');
  });

  test('a closing pool waits for running invocations no longer than the grace period', async () => {
    const fixture = pool();
    await fixture.run({ do: 'instance' });
    const runs = fixture.run({ do: 'sleep', ms: 60_000 });
    await fixture.close(20);
    expect((await runs).error?.errorType).toBe('Runtime.ExitError');
  });
});

describe('held and crashed pools', () => {
  test('a held pool finishes what runs, and starts what waits when it is released', async () => {
    const fixture = pool();
    const running = fixture.run({ do: 'echo', value: 1 });
    fixture.hold(true);
    expect((await running).error).toBeNull();
    let isDone = false;
    const waiting = fixture.run({ do: 'echo', value: 2 }).finally(() => {
      isDone = true;
    });
    await pool().run({ do: 'echo' });
    expect(isDone).toBe(false);
    fixture.hold(false);
    expect((await waiting).error).toBeNull();
  });

  test('a crash fails what runs, and the next invocation has a new worker', async () => {
    const fixture = pool();
    const before = (await fixture.run({ do: 'instance' })).value;
    const running = fixture.run({ do: 'sleep', ms: 60_000 });
    await fixture.crash();
    expect((await running).error).toMatchObject({ errorType: expect.stringContaining('Exit') });
    expect((await fixture.run({ do: 'instance' })).value).not.toEqual(before);
  });

  test('a pool without a worker survives a crash', async () => {
    const fixture = pool();
    await fixture.crash();
    expect((await fixture.run({ do: 'echo', value: 3 })).error).toBeNull();
  });
});
