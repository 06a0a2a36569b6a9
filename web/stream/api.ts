import { operations } from '../../shared/api/operations.ts';
import { type Problem, problemOf, serverUnreachable, unreadable } from '../state/problem.ts';
import type { AcceptedDays } from './answers.ts';
import { addressOf } from './operations.ts';

/** The answer of the API: what it said, or why not. */
export type Answer<Body = unknown> = { readonly body: Body } | { readonly problem: Problem };

export interface Api {
  /** Reads what an address tells. The server is our own and checks its answers: they are taken for what they claim to be. */
  read<Body>(path: string, signal?: AbortSignal): Promise<Answer<Body>>;
  /** Asks for something that needs the token where there is one. */
  post<Body>(path: string): Promise<Answer<Body>>;
  /** Goes so many days ahead. */
  advanceDays(days: number): Promise<Answer<AcceptedDays>>;
  reset(): Promise<Answer>;
}

const TOKEN_KEY = 'token';

/**
 * The API as this page uses it. If it asks for a token, the person is asked once; the token stays in this tab.
 *
 * @param askForToken Resolves to what was entered; null if the person would rather not.
 */
export function createApi(askForToken: () => Promise<string | null>): Api {
  /** The question that is open: requests that are refused meanwhile wait for the same answer. */
  let question: Promise<string | null> | null = null;

  async function post<Body>(path: string): Promise<Answer<Body>> {
    const known = sessionStorage.getItem(TOKEN_KEY);
    const response = await send(path, known);
    if (response?.status !== 401) return answerOf(response);
    const token = await tokenInsteadOf(known);
    return answerOf(token === null ? response : await send(path, token));
  }

  async function tokenInsteadOf(refused: string | null): Promise<string | null> {
    const current = sessionStorage.getItem(TOKEN_KEY);
    if (current !== null && current !== refused) return current;
    sessionStorage.removeItem(TOKEN_KEY);
    question ??= askForToken().finally(() => {
      question = null;
    });
    const token = await question;
    if (token !== null) sessionStorage.setItem(TOKEN_KEY, token);
    return token;
  }

  return {
    read: async (path, signal) => answerOf(await fetch(path, signal ? { signal } : {}).catch(() => null)),
    post,
    advanceDays: (days) =>
      post(days === 1 ? operations.nextDay.path : addressOf(operations.nextDay, { days })),
    reset: () => post(operations.resetSimulation.path),
  };
}

/** Null if the server could not be reached. */
async function send(path: string, token: string | null): Promise<Response | null> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return fetch(path, { method: 'POST', headers }).catch(() => null);
}

async function answerOf<Body>(response: Response | null): Promise<Answer<Body>> {
  if (response === null) return { problem: serverUnreachable() };
  if (!response.ok) return { problem: await problemOf(response) };
  try {
    return { body: await response.json() };
  } catch (error) {
    // An answer can break off on its way.
    return { problem: error instanceof SyntaxError ? unreadable() : serverUnreachable() };
  }
}
