import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareObj } from '@middy/core';
import { HttpProblem } from '../api/errors.ts';
import type { Exchange } from './exchange.ts';
import type { TokenSource } from './settings.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const REALM = 'Bearer realm="retail-time-machine"';

/**
 * Checks an `Authorization` header (RFC 6750) against the configured token.
 *
 * @throws HttpProblem `unauthorized`, without a word on what was sent.
 */
function requireToken(authorization: string | undefined, tokenHash: Buffer): void {
  if (authorization === undefined) {
    throw unauthorized('This changes the simulation: send "Authorization: Bearer <token>".', REALM);
  }
  const given = BEARER.exec(authorization)?.[1];
  if (given !== undefined && timingSafeEqual(hash(given), tokenHash)) return;
  throw unauthorized(
    'The token is not the configured one; expected "Authorization: Bearer <token>".',
    `${REALM}, error="invalid_token"`,
  );
}

/** Hashes have one length, so that neither length nor content of the token shows in the time a comparison takes. */
function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function unauthorized(detail: string, challenge: string): HttpProblem {
  return new HttpProblem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}

/** Lets only callers with the token reach routes of `access: 'token'`. Without a configured token all may. */
export function bearerToken(configured: string | TokenSource | undefined): MiddlewareObj<Exchange> {
  return {
    async before({ event: { event, implementation } }) {
      if (implementation?.route.access !== 'token') return;
      const token = typeof configured === 'function' ? await configured() : configured;
      if (token) requireToken(event.headers.authorization, hash(token));
    },
  };
}
