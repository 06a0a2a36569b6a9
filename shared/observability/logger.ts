import { randomBytes } from 'node:crypto';
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

/** `00-<32 hex trace id>-<16 hex parent id>-<2 hex flags>`: W3C Trace Context, version 00. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** `Root=1-<8 hex time>-<24 hex random>`: the header that API Gateway and Lambda add to a request. */
const XRAY_ROOT = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/i;

/** Starts a trace with a random id, sampled. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** The trace of a request: its `traceparent`, else the one that X-Ray assigned, else a new one. */
export function traceparentOf(headers: Readonly<Record<string, string | undefined>>): string {
  const given = headers.traceparent?.trim().toLowerCase();
  if (given && TRACEPARENT.test(given)) return given;
  const xray = XRAY_ROOT.exec(headers['x-amzn-trace-id'] ?? '');
  if (xray) return `00-${xray[1]}${xray[2]}-${randomBytes(8).toString('hex')}-01`.toLowerCase();
  return newTraceparent();
}

/** The 32 hex digits that identify a trace in logs and rows; null if the text is not a traceparent. */
export function traceIdOf(traceparent: string | null | undefined): string | null {
  return TRACEPARENT.exec(traceparent ?? '')?.[1] ?? null;
}
