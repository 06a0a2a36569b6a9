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
