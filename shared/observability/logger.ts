import { Logger } from '@aws-lambda-powertools/logger';

export type { Logger };

/** Keys whose values are never logged, at any depth. */
const SECRET_KEY = /^(authorization|cookie|set-cookie|.*(password|passwd|secret|token|api[-_]?key).*)$/i;
export const REDACTED = '[redacted]';

/** A replacer for JSON.stringify that hides the values of secret keys. */
export function redact(key: string, value: unknown): unknown {
  return SECRET_KEY.test(key) && value !== undefined && value !== null ? REDACTED : value;
}

/**
 * Creates a structured logger: one JSON object per line on stdout, at the level of `POWERTOOLS_LOG_LEVEL`. Lines that belong to
 * a click carry its `trace_id`, so its path can be followed through every function.
 *
 * @example createLogger('producer').info('days published', { trace_id, days: 3 });
 */
export function createLogger(serviceName: string): Logger {
  return new Logger({ serviceName, jsonReplacerFn: redact });
}
