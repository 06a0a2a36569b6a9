import * as z from 'zod';

/** The region and the credentials of the process's role, as Lambda gives them to a function. */
export const credentialSettings = z.object({
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
});

/** A setting is missing or wrong. The message names each one and what is expected. */
export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(`Wrong settings in the environment: ${problems.join('; ')}.`);
    this.name = 'SettingsError';
  }
}

/**
 * Reads a process's settings from its environment, once, at start.
 *
 * @throws SettingsError naming every variable that is missing or wrong, but never its value: it may be a secret.
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Schema> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`));
}
