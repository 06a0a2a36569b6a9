import type { IncomingHttpHeaders } from 'node:http';
import type { HostLog } from '../log.ts';
import type { GatewayResponse } from './http-response.ts';

/** Names under which a browser of this machine reaches the host. */
const OWN_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why a request is refused: the host name it was sent to, or the page it comes from. */
export type OriginRefusal =
  | { readonly kind: 'host'; readonly value: string }
  | { readonly kind: 'origin'; readonly value: string };

/**
 * Whether a request comes from a page of another site. The host needs no authentication, so without this check any page open
 * on the machine could write (CSRF), and one whose name resolves to this machine could also read (DNS rebinding).
 *
 * @param allowedHosts Further names, in lower case without a port, under which a proxy makes this host available.
 * @returns null if the request is accepted.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function refusalOf(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  allowedHosts: readonly string[] = [],
): OriginRefusal | null {
  const { host, origin, 'sec-fetch-site': site } = headers;
  const isAllowed = (name: string | null) => name !== null && allowedHosts.includes(name);
  const name = nameOf(host ?? 'localhost');
  if (!isAllowed(name) && !(name !== null && OWN_NAMES.includes(name)))
    return { kind: 'host', value: host ?? '' };
  if (READS.has(method ?? 'GET')) return null;
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none')
    return { kind: 'origin', value: origin ?? `a page of another site (${site})` };
  // Behind a proxy the page's address may differ from the one that the proxy requests, in name, port and scheme.
  if (origin === undefined || origin === `http://${host}` || isAllowed(nameOfOrigin(origin))) return null;
  return { kind: 'origin', value: origin };
}

/** The name in a Host header, in lower case; null if it isn't one. */
function nameOf(host: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/i.exec(host)?.[1]?.toLowerCase() ?? null;
}

function nameOfOrigin(origin: string): string | null {
  const [, host] = /^https?:\/\/([^/]+)$/.exec(origin) ?? [];
  return host === undefined ? null : nameOf(host);
}

/** A page that is refused tries again and again; one line in this time is enough for each name. */
const LOG_EVERY_MS = 60_000;
/** Names that are remembered: a client that keeps sending new ones must not fill the memory or the log. */
const REMEMBERED = 100;
/** A header can be long. */
const SHOWN_CHARACTERS = 100;

/**
 * Answers refused requests with a problem document (RFC 9457) that names the reason and the remedy, and logs one line for
 * each name and minute.
 *
 * @param allowOption How to allow a name, in front of it: `npm start -- --allow-host`.
 * @param now Milliseconds of a monotonic clock.
 */
export function createRefuser(
  log: Pick<HostLog, 'write'>,
  allowOption: string,
  now: () => number = () => performance.now(),
): (refusal: OriginRefusal) => GatewayResponse {
  const loggedAt = new Map<string, number>();

  function logOnce({ kind, value }: OriginRefusal, detail: string): void {
    const key = `${kind} ${value}`;
    const at = loggedAt.get(key);
    if (at !== undefined && now() - at < LOG_EVERY_MS) return;
    for (const [name, time] of loggedAt) if (now() - time >= LOG_EVERY_MS) loggedAt.delete(name);
    if (loggedAt.size >= REMEMBERED) return;
    loggedAt.set(key, now());
    log.write('WARN', `A request was refused. ${detail}`);
  }

  return (refusal) => {
    const detail = detailOf(refusal, allowOption);
    logOnce(refusal, detail);
    const document = {
      type: `urn:problem-type:${refusal.kind}_not_allowed`,
      title: refusal.kind === 'host' ? 'Host not allowed' : 'Cross-site request',
      status: 403,
      detail,
      code: `${refusal.kind}_not_allowed`,
    };
    return {
      statusCode: 403,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      cookies: [],
      body: Buffer.from(JSON.stringify(document)),
    };
  };
}

function detailOf({ kind, value }: OriginRefusal, allowOption: string): string {
  const shown = JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  const name = /^(?:https?:\/\/)?(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::\d+)?$/i.exec(value)?.[1] ?? '<name>';
  return kind === 'host'
    ? `It was sent to the host ${shown}; only localhost is served. If that name is a proxy of yours, allow it: ${allowOption} ${name}`
    : `It comes from ${shown}, which may not change anything here. If that is your proxy's address, allow it: ${allowOption} ${name}`;
}
