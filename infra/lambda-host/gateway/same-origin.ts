import type { IncomingHttpHeaders } from 'node:http';

/** Names under which a browser of this machine reaches the host. */
const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request comes from a page of another site. The host needs no authentication, so without this check any page open
 * on the machine could write (CSRF), and one whose name resolves to this machine could also read (DNS rebinding).
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function isCrossSite(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host !== undefined && !OWN_NAMES.test(host)) return true;
  if (READS.has(method ?? 'GET')) return false;
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && origin !== `http://${host}`;
}
