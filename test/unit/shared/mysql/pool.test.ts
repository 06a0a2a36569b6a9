import { describe, expect, it } from 'vitest';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { rotatingPool } from '../../../../shared/mysql/pool.ts';

class ServerError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A server that accepts one password, and a secret that may lag behind it. */
function stage() {
  const world = { accepted: 'first', secret: 'first', readings: 0, ended: [] as string[], executed: 0 };
  const open = (password: string): Pool => {
    const answer = async () => {
      if (password !== world.accepted) throw new ServerError('ER_ACCESS_DENIED_ERROR');
      world.executed += 1;
      return [[{ password }], []];
    };
    return {
      query: answer as unknown as Pool['query'],
      getConnection: answer as unknown as Pool['getConnection'],
      end: async () => void world.ended.push(password),
    };
  };
  const readPassword = async () => {
    world.readings += 1;
    return world.secret;
  };
  return { world, pool: rotatingPool(readPassword, open) };
}

describe('a pool whose password changes', () => {
  it('a pool reads the password once, at its first use', async () => {
    const { world, pool } = stage();
    expect(world.readings).toBe(0);
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1'), pool.getConnection()]);
    expect(world.readings).toBe(1);
  });

  it.each(['query', 'getConnection'] as const)(
    'a pool continues with the new password: %s',
    async (method) => {
      const { world, pool } = stage();
      await pool.query('SELECT 1');
      Object.assign(world, { accepted: 'second', secret: 'second' });
      const answer = method === 'query' ? pool.query('SELECT 1') : pool.getConnection();
      await expect(answer).resolves.toEqual([[{ password: 'second' }], []]);
      expect(world.readings).toBe(2);
    },
  );

  it('a pool reads the new password once for all queries that were refused together', async () => {
    const { world, pool } = stage();
    await pool.query('SELECT 1');
    Object.assign(world, { accepted: 'second', secret: 'second' });
    await Promise.all(Array.from({ length: 5 }, () => pool.query('SELECT 1')));
    expect(world.readings).toBe(2);
  });

  it('a pool fails while the secret lags behind the server, and recovers by itself', async () => {
    const { world, pool } = stage();
    world.accepted = 'second';
    await expect(pool.query('SELECT 1')).rejects.toThrow('ER_ACCESS_DENIED_ERROR');
    world.secret = 'second';
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
  });

  it('a pool never repeats a statement that may have been executed', async () => {
    const failing = { query: async () => Promise.reject(new ServerError('PROTOCOL_CONNECTION_LOST')) };
    let opened = 0;
    const pool = rotatingPool(
      async () => 'password',
      () => {
        opened += 1;
        return failing as unknown as Pool;
      },
    );
    await expect(pool.query('UPDATE t SET n = n + 1')).rejects.toThrow('PROTOCOL_CONNECTION_LOST');
    expect(opened).toBe(1);
  });

  it('a pool retries after a failure to read the secret', async () => {
    const { pool: working } = stage();
    let readings = 0;
    const pool = rotatingPool(
      async () => {
        readings += 1;
        if (readings === 1) throw new Error('no answer');
        return 'password';
      },
      () => working,
    );
    await expect(pool.query('SELECT 1')).rejects.toThrow('no answer');
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
  });

  it('ending a pool ends every pool that it opened', async () => {
    const { world, pool } = stage();
    await pool.query('SELECT 1');
    Object.assign(world, { accepted: 'second', secret: 'second' });
    await pool.query('SELECT 1');
    await pool.end();
    expect(world.ended).toEqual(['first', 'second']);
  });
});

describe('a read', () => {
  /** A pool whose first connection fails, and that counts the connections it discarded. */
  function failingOnce(code: string) {
    const world = { asked: 0, destroyed: 0 };
    const query = async () => {
      world.asked += 1;
      if (world.asked === 1) throw new ServerError(code);
      return [[{ one: 1 }], []];
    };
    const destroy = () => {
      world.destroyed += 1;
    };
    const connection = { query, destroy, release: () => {} };
    const getConnection = (async () => connection) as unknown as Pool['getConnection'];
    const pool: Pool = { query: query as unknown as Pool['query'], getConnection, end: async () => {} };
    return { world, pool };
  }

  it.each(['PROTOCOL_CONNECTION_LOST', 'ER_CLIENT_INTERACTION_TIMEOUT'])(
    'a read is retried once on another connection after %s',
    async (code) => {
      const { world, pool } = failingOnce(code);
      expect(await select(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(world).toEqual({ asked: 2, destroyed: 1 });
    },
  );

  it('a read is not retried if the statement itself failed', async () => {
    const { world, pool } = failingOnce('ER_NO_SUCH_TABLE');
    await expect(select(pool, 'SELECT 1 AS one')).rejects.toThrow('ER_NO_SUCH_TABLE');
    expect(world).toEqual({ asked: 1, destroyed: 1 });
  });
});
