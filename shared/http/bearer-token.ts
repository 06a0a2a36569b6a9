import { createHash, timingSafeEqual } from 'node:crypto';
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
export function isSameSecret(given: string, secret: string): boolean {
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
