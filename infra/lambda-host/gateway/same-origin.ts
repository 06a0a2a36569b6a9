import type { IncomingHttpHeaders } from 'node:http';

/** Names under which a browser of this machine reaches the host. */
const OWN_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why a request is refused: the host name it was sent to, or the page it comes from. */
export type Refusal =
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
): Refusal | null {
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
