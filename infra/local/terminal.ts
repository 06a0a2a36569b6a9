/** What the host and its functions log, for people at a terminal or as JSON lines for everything else. */
import { styleText } from 'node:util';
import { REDACTED, redact } from '../../shared/observability/logger.ts';
import type { HostLog, LogFields, LogLevel } from '../lambda-host/log.ts';

export interface TerminalOptions {
  readonly write: (text: string) => void;
  /** Lines for people instead of JSON. */
  readonly pretty: boolean;
  /** The lowest level that is written. */
  readonly level: LogLevel;
}

export interface Terminal extends HostLog {
  /** Redacts these values from now on. */
  hide(secrets: readonly string[]): void;
}

/** A log entry. */
interface Entry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly service: string;
  readonly message: string;
  readonly fields: LogFields;
}

const LEVELS: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Opens the terminal's log: lines for people or JSON, without the secrets passed to `hide`. */
export function openTerminal(options: TerminalOptions): Terminal {
  const secrets: string[] = [];
  const format = options.pretty ? prettyLine : jsonLine;
  const write = (entry: Entry) => {
    if (LEVELS.indexOf(entry.level) < LEVELS.indexOf(options.level)) return;
    options.write(`${conceal(format(entry), secrets)}\n`);
  };
  return {
    write: (level, message, fields = {}) =>
      write({ time: new Date(), level, service: 'host', message, fields }),
    functionLine: (functionName, line) => write(parseLine(functionName, line)),
    hide: (more) => void secrets.push(...more.filter(({ length }) => length >= SHORTEST_SECRET)),
  };
}

/** Lines of the functions' logger are JSON objects; any other output is a message. */
function parseLine(functionName: string, line: string): Entry {
  const parsed = parseObject(line);
  const { level, message, timestamp, service, sampling_rate: _rate, ...fields } = parsed ?? { message: line };
  const time = new Date(typeof timestamp === 'string' ? timestamp : Number.NaN);
  return {
    time: Number.isNaN(time.getTime()) ? new Date() : time,
    level: LEVELS.find((one) => one === level) ?? (level === 'CRITICAL' ? 'ERROR' : 'INFO'),
    service: typeof service === 'string' ? service : functionName,
    message: String(message ?? ''),
    fields,
  };
}

function parseObject(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function jsonLine({ time, level, service, message, fields }: Entry): string {
  return printable(
    JSON.stringify({ level, message, timestamp: time.toISOString(), service, ...fields }, redact),
  );
}

const COLORS = { DEBUG: 'gray', INFO: 'green', WARN: 'yellow', ERROR: 'red' } as const;

/** `12:34:56.789 INFO  producer  days published  run_id=… days=1  trace 1f2e3d4c` */
function prettyLine({ time, level, service, message, fields }: Entry): string {
  const { trace_id: trace, function_request_id: _request, ...rest } = fields;
  const shown = Object.entries(rest).flatMap(([name, value]) =>
    isWorthShowing(value) ? [field(name, value)] : [],
  );
  if (typeof trace === 'string') shown.push(`trace=${trace.slice(0, 8)}`);
  const clock = styleText('gray', time.toTimeString().slice(0, 8) + time.toISOString().slice(19, 23));
  const label = styleText(COLORS[level], level.padEnd(5));
  const details = shown.length === 0 ? '' : `  ${styleText('gray', printable(shown.join(' ')))}`;
  return `${clock} ${label} ${printable(service).padEnd(14)} ${printable(message)}${details}`;
}

function isWorthShowing(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function field(name: string, value: unknown): string {
  return `${name}=${redact(name, fieldText(value))}`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isErrorLike(value)) return `${value.name}: ${value.message}`;
  return JSON.stringify(value, redact);
}

/** An error as the functions' logger writes it; the JSON lines have its stack. */
function isErrorLike(value: unknown): value is { name: string; message: string } {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}

/**
 * Makes control characters visible. Paths are decoded, so another site's page could otherwise inject log lines or control
 * the terminal (`%0a`, `%1b`).
 */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{4,}/gi;

/** Anchored at a word boundary: otherwise long words would take quadratic time. */
const URL_PASSWORD = /\b(\w+:\/\/[^\s:/@]+:)[^\s@/]+@/g;

/** Shorter secrets would match ordinary words. */
const SHORTEST_SECRET = 6;

/** Redacts known secrets and everything that looks like a credential, whatever the field's name. */
function conceal(line: string, secrets: readonly string[]): string {
  const concealed = line.replace(BEARER, `$1 ${REDACTED}`).replace(URL_PASSWORD, `$1${REDACTED}@`);
  return secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), concealed);
}
