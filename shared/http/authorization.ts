import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { HttpProblem } from '../api/errors.ts';
import type { HttpMiddleware } from './request-state.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const REALM = 'Bearer realm="retail-time-machine"';

/**
 * Checks an `Authorization` header (RFC 6750) against the configured token.
 *
 * @throws HttpProblem `unauthorized`, which never quotes what was sent.
 */
export function requireToken(authorization: string | undefined, token: string): void {
  if (authorization === undefined) {
    throw unauthorized('This changes the simulation: send "Authorization: Bearer <token>".', REALM);
  }
  const given = BEARER.exec(authorization)?.[1];
  if (given !== undefined && isSameSecret(given, token)) return;
  throw unauthorized(
    'The token is not the configured one; expected "Authorization: Bearer <token>".',
    `${REALM}, error="invalid_token"`,
  );
}

/** Compares by hashes, which have a fixed length, so the time reveals neither length nor content of the secret. */
function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hash(given), hash(secret));
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function unauthorized(detail: string, challenge: string): HttpProblem {
  return new HttpProblem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}

/** Returns the current token. */
export type TokenSource = () => Promise<string>;

/** Admits only callers with the token to routes of `access: 'token'`; without a configured token, everyone. */
export function bearerToken(configured: string | TokenSource | undefined): HttpMiddleware {
  return {
    async before({ event, internal }) {
      if (internal.route?.access !== 'token') return;
      const token = typeof configured === 'function' ? await configured() : configured;
      if (token) requireToken(event.headers.authorization, token);
    },
  };
}

/** Set by CloudFront on each request to the HTTP API, whatever a viewer sends under this name. */
export const ORIGIN_SECRET_HEADER = 'x-origin-secret';

export const originSettings = z.object({
  /**
   * The secrets that CloudFront may send, separated by commas: the current one, and during a rotation the previous one. Empty on one
   * machine, where nothing is in front of the gateway.
   */
  ORIGIN_SECRETS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((secret) => secret !== '')),
});

/**
 * Admits only requests that came through CloudFront; without accepted secrets, all requests.
 *
 * @param accepted The current secret, and during a rotation the previous one.
 * @returns A middleware that throws HttpProblem `forbidden` for all others.
 */
export function originSecret(accepted: readonly string[]): HttpMiddleware {
  return {
    before({ event }) {
      if (accepted.length === 0) return;
      const given = event.headers[ORIGIN_SECRET_HEADER] ?? '';
      // Every secret is compared, so the time doesn't reveal which one a guess resembles.
      if (accepted.filter((secret) => isSameSecret(given, secret)).length > 0) return;
      throw new HttpProblem('forbidden', 'This address serves CloudFront alone: use the public address.');
    },
  };
}
