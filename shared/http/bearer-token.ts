import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { HttpProblem } from '../api/errors.ts';
import { rememberedFor, secretReader } from '../aws/secrets.ts';
import type { HttpMiddleware } from './request-state.ts';

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
export function bearerToken(configured: string | TokenSource | undefined): HttpMiddleware {
  return {
    async before({ event, internal }) {
      if (internal.route?.access !== 'token') return;
      const token = typeof configured === 'function' ? await configured() : configured;
      if (token) requireToken(event.headers.authorization, hash(token));
    },
  };
}

/** The token that routes of `access: 'token'` ask for; none or an empty one leaves them open. */
export const apiTokenSettings = z.object({
  API_TOKEN: z.string().default(''),
  /** A secret of Secrets Manager whose text is the token; it wins over a plain one. */
  API_TOKEN_SECRET_ARN: z.string().startsWith('arn:').optional(),
});

/** After how long at most a token that was changed holds everywhere. */
const TOKEN_AGE_MS = 60_000;

/** Gives the token as it is now. */
export type TokenSource = () => Promise<string>;

/** Where a function has its token from. */
export function apiToken(settings: z.infer<typeof apiTokenSettings>): TokenSource {
  const { API_TOKEN: token, API_TOKEN_SECRET_ARN: secretArn } = settings;
  if (secretArn === undefined) return async () => token;
  return rememberedFor(TOKEN_AGE_MS, secretReader(secretArn), () => performance.now());
}
