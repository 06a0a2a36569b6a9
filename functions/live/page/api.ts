import { type Problem, problemOf, serverAway } from './problem.ts';

/** The answer of the API: what it said, or why not. */
export type Answer = { readonly body: unknown } | { readonly problem: Problem };

export interface Api {
  /** Goes so many days ahead. */
  nextDays(days: number): Promise<Answer>;
  reset(): Promise<Answer>;
}

const TOKEN_KEY = 'token';

/**
 * The API as this page uses it. If it asks for a token, the person is asked once; the token stays in this tab.
 *
 * @param askForToken Resolves to what was entered; null if the person would rather not.
 */
export function createApi(askForToken: () => Promise<string | null>): Api {
  async function post(path: string): Promise<Answer> {
    const known = sessionStorage.getItem(TOKEN_KEY);
    const response = await send(path, known);
    if (response?.status !== 401) return answerOf(response);
    sessionStorage.removeItem(TOKEN_KEY);
    const token = await askForToken();
    if (token === null) return answerOf(response);
    sessionStorage.setItem(TOKEN_KEY, token);
    return answerOf(await send(path, token));
  }

  return {
    nextDays: (days) => post(days === 1 ? '/simulation/next-day' : `/simulation/next-day?days=${days}`),
    reset: () => post('/simulation/reset'),
  };
}

/** Null if the server could not be reached. */
async function send(path: string, token: string | null): Promise<Response | null> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return fetch(path, { method: 'POST', headers }).catch(() => null);
}

async function answerOf(response: Response | null): Promise<Answer> {
  if (response === null) return { problem: serverAway() };
  return response.ok ? { body: await response.json() } : { problem: await problemOf(response) };
}
