import pLimit from 'p-limit';
import { type Operation, operations } from '../../shared/api/operations.ts';
import type { AcceptedDays } from '../answers.ts';
import {
  noAnswer,
  notSent,
  type Problem,
  problemOf,
  serverUnreachable,
  unreadable,
} from '../state/problem.ts';

const PAGE_PATH = operations.readLivePage.path;

/** The path in front of all others, if a proxy serves this page under one: this page knows it from its own address. */
const basePath = baseOf(globalThis.location?.pathname ?? '');

/** What a page's path has in front of the one that the API declares: `/shop` of `/shop/stream/live`. */
export function baseOf(pathname: string): string {
  const path = pathname.replace(/\/$/, '');
  return path.endsWith(PAGE_PATH) ? path.slice(0, -PAGE_PATH.length) : '';
}

/** Where this page finds a path of the API. */
export function placed(path: string): string {
  return basePath + path;
}

/** The address of an operation in Swagger UI, which identifies it by this fragment. */
export function docsAddress({ tag, operationId }: Pick<Operation, 'tag' | 'operationId'>): string {
  return `${placed(operations.readDocs.path)}#/${tag}/${operationId}`;
}

/** An operation's address with its parameters. */
export function addressOf(
  { path }: { readonly path: string },
  parameters: Readonly<Record<string, string | number>>,
): string {
  const query = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(query)}`;
}

/** The body of an answer, or the reason why there is none. */
export type Answer<Body = unknown> = { readonly body: Body } | { readonly problem: Problem };

export interface Api {
  /** Reads an answer. The server checks its answers against their schemas, so the page does not check them again. */
  read<Body>(path: string, signal?: AbortSignal): Promise<Answer<Body>>;
  /** Like `read`, for a quick request that must not wait for slow ones. */
  readAtOnce<Body>(path: string, signal?: AbortSignal): Promise<Answer<Body>>;
  /** Reads an answer to a question that is too long for a URL. Changes nothing and needs no token. */
  query<Body>(path: string, body: object, signal: AbortSignal): Promise<Answer<Body>>;
  /** Sends a request that needs the token, if one is configured. */
  post<Body>(path: string, body?: object): Promise<Answer<Body>>;
  /** Advances the simulation. @param days At least 1. */
  advanceDays(days: number): Promise<Answer<AcceptedDays>>;
  reset(): Promise<Answer>;
}

const TOKEN_KEY = 'token';

/** Milliseconds after which the page says that something is wrong. */
const LIMIT_MS = 10_000;

/** For searches and forecasts, which may take longer; API Gateway gives up after half a minute. */
const LONG_LIMIT_MS = 60_000;

/**
 * Concurrent reads of one tab. A browser opens at most six HTTP/1.1 connections to a host: the stream takes one, and a click must
 * find one free however long reads take. Other tabs have limits of their own, but share the connections.
 */
const MOST_READS = 4;

/** Host names by which a browser reaches its own machine. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether the page comes from a server on this machine. */
export function isOwnMachine(): boolean {
  return LOOPBACK.test(globalThis.location?.hostname ?? '');
}

/**
 * The API as this page uses it. If it requires a token, the user is asked for it once; the token stays in this tab.
 *
 * @param askForToken Resolves to the token entered; null if the user cancels.
 */
export function createApi(askForToken: () => Promise<string | null>): Api {
  /** The open dialog: requests refused in the meantime wait for the same token. */
  let question: Promise<string | null> | null = null;
  const inTurn = pLimit(MOST_READS);

  async function post<Body>(path: string, body?: object, limitMs = LONG_LIMIT_MS): Promise<Answer<Body>> {
    const known = sessionStorage.getItem(TOKEN_KEY);
    const response = await send(path, body, known, limitMs);
    if (!(response instanceof Response)) return response;
    if (response.status !== 401) return answerOf(response);
    const token = await tokenInsteadOf(known);
    if (token === null) return answerOf(response);
    const second = await send(path, body, token, limitMs);
    return second instanceof Response ? answerOf(second) : second;
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
    read: (path, signal) => inTurn(() => ask(path, {}, signal)),
    readAtOnce: (path, signal) => ask(path, {}, signal),
    query: (path, body, signal) => {
      const headers = { 'content-type': 'application/json' };
      return inTurn(() => ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, signal));
    },
    post,
    advanceDays: (days) =>
      post(
        days === 1 ? operations.nextDay.path : addressOf(operations.nextDay, { days }),
        undefined,
        LIMIT_MS,
      ),
    reset: () => post(operations.resetSimulation.path, undefined, LIMIT_MS),
  };
}

/** Sends a request that changes nothing. A read that never ended would block all others, so each has a time limit. */
async function ask<Body>(path: string, init: RequestInit, signal?: AbortSignal): Promise<Answer<Body>> {
  const limit = AbortSignal.timeout(LONG_LIMIT_MS);
  const either = signal ? AbortSignal.any([limit, signal]) : limit;
  return answerOf(await fetch(placed(path), { ...init, signal: either }).catch(() => null));
}

/** Sends a request that changes something. Without a complete answer its outcome is unknown. */
async function send(
  path: string,
  body: object | undefined,
  token: string | null,
  limitMs: number,
): Promise<Response | { readonly problem: Problem }> {
  // A server on this machine is reachable without a network.
  if (globalThis.navigator?.onLine === false && !isOwnMachine()) return { problem: notSent() };
  const headers = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), limitMs);
  try {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(placed(path), { method: 'POST', headers, signal: abort.signal, ...content });
    // The connection can break while the body arrives, too.
    return new Response(await response.arrayBuffer(), response);
  } catch {
    const why = abort.signal.aborted
      ? `No answer arrived within ${limitMs / 1_000} seconds.`
      : 'The connection failed before an answer arrived.';
    return { problem: noAnswer(why) };
  } finally {
    clearTimeout(limit);
  }
}

async function answerOf<Body>(response: Response | null): Promise<Answer<Body>> {
  if (response === null) return { problem: serverUnreachable() };
  if (!response.ok) return { problem: await problemOf(response) };
  try {
    return { body: await response.json() };
  } catch (error) {
    // The connection can break while the body arrives.
    return { problem: error instanceof SyntaxError ? unreadable() : serverUnreachable() };
  }
}
