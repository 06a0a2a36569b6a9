import { createHash } from 'node:crypto';

/**
 * The headers of an answer that a client may keep. It must ask before it uses it again (`no-cache`), because another data
 * set may have been loaded since; the entity tag lets it do so without being sent the answer anew.
 */
export function versionHeaders(version: string, body: string | Buffer): Record<string, string> {
  const tag = createHash('sha256').update(version).update('\0').update(body).digest('base64url').slice(0, 27);
  return { etag: `"${tag}"`, 'cache-control': 'public, no-cache' };
}

/**
 * Whether an `If-None-Match` header names an entity tag, or any (`*`). Compared weakly, as RFC 9110 (13.1.2) asks: a proxy that
 * compresses an answer marks its tag as weak.
 */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
