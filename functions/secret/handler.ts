/** Hands one secret to the functions whose roles may invoke this one; deployed once for each secret. */
import * as z from 'zod';
import { secretReader } from '../../shared/aws/secrets.ts';
import { readSettings } from '../../shared/settings.ts';

const { SECRET_ARN } = readSettings(z.object({ SECRET_ARN: z.string().startsWith('arn:') }));
const read = secretReader(SECRET_ARN);

/**
 * Answers an `Invoke`, whatever its payload, with the secret's current text: Lambda logs no payloads, and callers don't either.
 *
 * @throws if Secrets Manager doesn't respond or refuses.
 */
export async function handler(): Promise<string> {
  return read();
}
