/** Where a function gets the API token from. Apart from the check, because bundles contain the clients that this may import. */
import * as z from 'zod';
import { secretOfFunction } from '../aws/secret-function.ts';
import { type ReadSecret, rememberedFor, secretReader } from '../aws/secrets.ts';
import type { TokenSource } from './authorization.ts';

/** The token that routes of `access: 'token'` require; without one they are open to everyone. */
export const apiTokenSettings = z.object({
  API_TOKEN: z.string().default(''),
  /** A secret in Secrets Manager whose text is the token; takes precedence over `API_TOKEN`. */
  API_TOKEN_SECRET_ARN: z.string().startsWith('arn:').optional(),
  /** A function that returns the token; takes precedence over both. */
  API_TOKEN_FUNCTION: z.string().min(1).optional(),
});

/** A changed token takes effect everywhere within this time. */
const TOKEN_AGE_MS = 60_000;

/** The source of a function's token. */
export function apiToken(settings: z.infer<typeof apiTokenSettings>): TokenSource {
  const { API_TOKEN: token, API_TOKEN_SECRET_ARN: secretArn, API_TOKEN_FUNCTION: functionName } = settings;
  if (functionName !== undefined) return remembered(secretOfFunction(functionName));
  if (secretArn !== undefined) return remembered(secretReader(secretArn));
  return async () => token;
}

function remembered(read: ReadSecret): TokenSource {
  return rememberedFor(TOKEN_AGE_MS, read, () => performance.now());
}
