import { createHash } from 'node:crypto';
import { errorTable, type HttpProblem } from '../api/errors.ts';
import { operations } from '../api/operations.ts';
import { traceIdOf } from '../observability/logger.ts';
import type { ApiEvent, ApiResponse } from './request-state.ts';

/** Whether a browser shows the response to a person, rather than a script reading it. */
export function wantsPage({ headers }: ApiEvent): boolean {
  return prefers(headers.accept, 'text/html', ['application/problem+json', 'application/json']);
}

const STYLE =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}' +
  'main{max-width:36rem;margin:12vh auto;padding:0 1.5rem}h1{font-size:1.5rem}small{opacity:.7}';

/** Nothing is loaded or run, whatever markup a text might smuggle in. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A problem as a page for people, with what the problem document says: title, detail, status and trace id.
 *
 * @param traceparent W3C trace context of the request.
 * @param requestPath The links are relative to it, because a proxy may serve everything under a path of its own.
 */
export function problemPage(problem: HttpProblem, traceparent: string, requestPath: string): ApiResponse {
  const root = '../'.repeat(requestPath.split('/').length - 2) || './';
  const { status, title } = errorTable[problem.code];
  const traceId = traceIdOf(traceparent);
  const trace = traceId === null ? '' : `, trace ${traceId}`;
  return {
    statusCode: status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      ...problem.headers,
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Retail Time Machine</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(problem.message)}</p>
<p><a href="${root}${operations.readLivePage.path.slice(1)}">Live page</a> · <a href="${root}${operations.readDocs.path.slice(1)}">API documentation</a></p>
<p><small>Status ${status}${trace}</small></p>
</main>
</body>
</html>
`,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

interface MediaRange {
  readonly type: string;
  readonly q: number;
}

/**
 * Whether an `Accept` header (RFC 9110, section 12.5.1) weights a media type higher than all others that could be sent. False for a
 * missing header, for `*`/`*`, and for clients that weight both equally, as axios does.
 *
 * @param wanted In lower case, such as `text/html`.
 * @param others What is sent otherwise.
 *
 * @example prefers('text/html;q=0.9, application/json;q=0.5', 'text/html', ['application/json']) // true
 */
export function prefers(accept: string | undefined, wanted: string, others: readonly string[]): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  const best = Math.max(...others.map((other) => quality(ranges, other)));
  return quality(ranges, wanted) > best;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, q: Number.isFinite(q) ? q : 0 };
}

/** The weight of the most specific range that matches a media type; 0 if none does. */
function quality(ranges: readonly MediaRange[], mediaType: string): number {
  const [type] = mediaType.split('/');
  const find = (wanted: string) => ranges.find((range) => range.type === wanted);
  return (find(mediaType) ?? find(`${type}/*`) ?? find('*/*'))?.q ?? 0;
}
