import * as z from 'zod';
import { HttpProblem } from '../api/errors.ts';
import { isSameSecret } from './bearer-token.ts';
import type { HttpMiddleware } from './request-state.ts';

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

/** Admits only requests that came through CloudFront; without accepted secrets, all requests. */
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
