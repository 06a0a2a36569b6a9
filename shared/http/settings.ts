import * as z from 'zod';
import { rememberedFor, secretReader } from '../aws/secrets.ts';

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
