import type { HttpMiddleware, HttpResponse } from './request-state.ts';

/** Responses other than pages load nothing, run nothing and can't be framed, should a browser display one. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The headers of every response. On AWS CloudFront adds them to responses that don't come from a function. */
export const standardHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Headers that the response sets itself win. There are none for CORS: page, API and stream are one origin. */
function withStandardHeaders(response: HttpResponse, traceparent: string): HttpResponse {
  return {
    ...response,
    headers: {
      ...standardHeaders,
      traceparent,
      ...response.headers,
    },
  };
}

/** Adds the headers that every response has, errors included. */
export function responseHeaders(): HttpMiddleware {
  const complete: HttpMiddleware['after'] = (request) => {
    if (request.response)
      request.response = withStandardHeaders(request.response, request.internal.traceparent);
  };
  return { after: complete, onError: complete };
}

/** Answers HEAD as GET, errors included, without the body. */
export function headWithoutBody(): HttpMiddleware {
  const strip: HttpMiddleware['after'] = (request) => {
    if (!request.response || request.event.requestContext.http.method !== 'HEAD') return;
    const { isBase64Encoded: _encoding, ...response } = request.response;
    request.response = { ...response, body: '' };
  };
  return { after: strip, onError: strip };
}

/**
 * The headers of the page's and the documentation's files. The functions send them on one machine; on AWS, where the files are in S3,
 * CloudFront does.
 */

export const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
} as const;

/** Only our own files and nothing inline. */
const OWN_FILES_ONLY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** The live page: browsers revalidate it on every load. Markup injected into a text can neither run nor load anything. */
export const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy': [
    ...OWN_FILES_ONLY,
    "img-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
} as const;

/** A file of the page: its name changes with its content, so browsers cache it permanently. */
export const assetHeaders = {
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** The page of the documentation. Swagger UI's style sheet embeds images as data. */
export const docsPageHeaders = {
  'content-security-policy': [...OWN_FILES_ONLY, "img-src 'self' data:"].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** Files whose names stay the same: clients revalidate them before each use. */
export const revalidated = 'public, no-cache';
