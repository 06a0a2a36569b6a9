/**
 * Whether an `Accept` header (RFC 9110, section 12.5.1) asks for plain text rather than JSON. JSON is preferred: it
 * answers `*`/`*`, no header at all, and clients that name both alike, as axios does.
 */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  return quality(ranges, 'text', 'plain') > quality(ranges, 'application', 'json');
}

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
}

function parseRange(text: string): MediaRange {
  const [range = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const [type = '', subtype = ''] = range.split('/');
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, subtype, q: Number.isFinite(q) ? q : 0 };
}

/** The weight that the most specific matching range gives a media type; 0 if none matches. */
function quality(ranges: readonly MediaRange[], type: string, subtype: string): number {
  const find = (t: string, s: string) => ranges.find((range) => range.type === t && range.subtype === s);
  return (find(type, subtype) ?? find(type, '*') ?? find('*', '*'))?.q ?? 0;
}
