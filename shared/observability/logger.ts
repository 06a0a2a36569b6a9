import { Logger } from '@aws-lambda-powertools/logger';

export type { Logger };

/** Keys whose values never reach a log, wherever they are nested. */
const SECRET_KEY = /^(authorization|cookie|set-cookie|.*(password|passwd|secret|token|api[-_]?key).*)$/i;
export const REDACTED = '[redacted]';

/** JSON.stringify replacer that hides the values of secret keys. */
export function redact(key: string, value: unknown): unknown {
  return SECRET_KEY.test(key) && value !== undefined && value !== null ? REDACTED : value;
}

/**
 * A structured logger: one JSON object a line on stdout, level by `POWERTOOLS_LOG_LEVEL`. Pass `{ trace_id }` with a
 * line that belongs to a click, so that its way can be followed through every function.
 */
export function createLogger(serviceName: string): Logger {
  return new Logger({ serviceName, jsonReplacerFn: redact });
}
