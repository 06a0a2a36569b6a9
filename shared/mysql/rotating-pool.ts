import type { Pool } from './connection.ts';

/** "Access denied": said before anything is executed, so whatever was asked may be asked again. */
const ACCESS_DENIED = 'ER_ACCESS_DENIED_ERROR';

/**
 * A pool whose password somebody else makes and changes. It is read at the first use, and once more when the server
 * refuses it: then a pool with the new one takes over. Connections that stand already stay good.
 *
 * @param readPassword The password as it is now.
 * @param open Opens a pool with a password.
 */
export function rotatingPool(readPassword: () => Promise<string>, open: (password: string) => Pool): Pool {
  const opened: Promise<Pool>[] = [];
  let current: Promise<Pool> | undefined;

  function pool(): Promise<Pool> {
    if (current) return current;
    const opening = readPassword().then(open);
    current = opening;
    opened.push(opening);
    // Without its password there is no pool: the next use tries again.
    opening.catch(() => forget(opening));
    return opening;
  }

  function forget(refused: Promise<Pool>): void {
    if (current === refused) current = undefined;
  }

  async function use<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result> {
    const used = pool();
    try {
      return await work(await used);
    } catch (error) {
      if (!isAccessDenied(error)) throw error;
      forget(used);
      return work(await pool());
    }
  }

  return {
    // The library's overloads can't be repeated by an arrow function; what is passed on is passed on as it came.
    query: ((...query: Parameters<Pool['query']>) => use((each) => each.query(...query))) as Pool['query'],
    getConnection: () => use((each) => each.getConnection()),
    async end() {
      const pools = await Promise.allSettled(opened.splice(0));
      current = undefined;
      await Promise.all(pools.flatMap((each) => (each.status === 'fulfilled' ? [each.value.end()] : [])));
    },
  };
}

function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === ACCESS_DENIED;
}
