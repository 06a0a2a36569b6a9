import type { ApiResponse } from './exchange.ts';

/**
 * Sends a client to another path of this API, with method, body and query kept (307). Both parts are encoded anew, so that
 * whatever was asked for can neither lead elsewhere nor write headers.
 */
export function redirectTo(path: string, rawQueryString: string): ApiResponse {
  const query = new URLSearchParams(rawQueryString).toString();
  const target = path.split('/').map(encodeURIComponent).join('/');
  return { statusCode: 307, headers: { location: query ? `${target}?${query}` : target }, body: '' };
}
