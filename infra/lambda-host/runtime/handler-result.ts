import type { HandlerResult } from './protocol.ts';

/** Characters from which handing a body over apart costs less than escaping and parsing it. */
const LARGE_BODY = 8_192;

/** A plain object with a status and a body of text: the response of an HTTP function. */
interface TextResponse {
  readonly statusCode: number;
  readonly body: string;
}

/** Encodes what a handler returned. What JSON can't express is null, as on AWS. */
export function handlerResult(returned: unknown): HandlerResult {
  if (!isTextResponse(returned) || returned.body.length < LARGE_BODY || !returned.body.isWellFormed())
    return { payload: JSON.stringify(returned) ?? 'null', body: null };
  // The empty body keeps the place of the field.
  return {
    payload: JSON.stringify({ ...returned, body: '' }),
    body: new TextEncoder().encode(returned.body),
  };
}

function isTextResponse(returned: unknown): returned is TextResponse {
  if (typeof returned !== 'object' || returned === null) return false;
  if (Object.getPrototypeOf(returned) !== Object.prototype || 'toJSON' in returned) return false;
  if ('isBase64Encoded' in returned && returned.isBase64Encoded) return false;
  if (!('statusCode' in returned && 'body' in returned)) return false;
  return typeof returned.statusCode === 'number' && typeof returned.body === 'string';
}

/** The JSON of what a handler returned, with its body. */
export function wholePayload({ payload, body }: HandlerResult): string {
  if (body === null) return payload;
  return JSON.stringify({
    ...JSON.parse(payload),
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(),
  });
}

/** At most this many bytes of JSON for each byte of a text: a control character becomes `\u0000`. */
const ESCAPED = 6;

/** Whether the JSON of what a handler returned has more bytes than `limit`. */
export function isLarger(result: HandlerResult, limit: number): boolean {
  const { payload, body } = result;
  const atMost = Buffer.byteLength(payload) + ESCAPED * (body?.byteLength ?? 0);
  if (body === null || atMost <= limit) return atMost > limit;
  return Buffer.byteLength(wholePayload(result)) > limit;
}
