import { describe, expect, it } from 'vitest';
import { rememberedFor } from '../../../../shared/aws/secrets.ts';
import { apiToken } from '../../../../shared/http/api-token.ts';

describe('a secret that is remembered for a minute', () => {
  function stage() {
    const world = { now: 0, secret: 'old', readings: 0 };
    const read = rememberedFor(
      60_000,
      async () => {
        world.readings += 1;
        return world.secret;
      },
      () => world.now,
    );
    return { world, read };
  }

  it('a secret is read once per minute for all callers', async () => {
    const { world, read } = stage();
    await Promise.all([read(), read()]);
    world.now = 59_999;
    await expect(read()).resolves.toBe('old');
    expect(world.readings).toBe(1);
  });

  it('a secret is read again after a minute', async () => {
    const { world, read } = stage();
    await read();
    Object.assign(world, { secret: 'new', now: 60_000 });
    await expect(read()).resolves.toBe('new');
  });

  it('a secret is read again at once after a failure', async () => {
    let readings = 0;
    const read = rememberedFor(
      60_000,
      async () => {
        readings += 1;
        if (readings === 1) throw new Error('no answer');
        return 'token';
      },
      () => 0,
    );
    await expect(read()).rejects.toThrow('no answer');
    await expect(read()).resolves.toBe('token');
  });
});

describe('the API token', () => {
  it('the API token is the plain setting if no secret is named', async () => {
    await expect(apiToken({ API_TOKEN: 'plain' })()).resolves.toBe('plain');
  });
});
