import { withStart } from './byte-streams.ts';

/** Encodings by the byte order mark, in hexadecimal. */
const UTF_16_BY_MARK: Readonly<Record<string, string | undefined>> = { fffe: 'utf-16le', feff: 'utf-16be' };

/** Text as UTF-8, and what it was before. */
export interface DecodedText {
  readonly text: AsyncGenerator<Uint8Array>;
  /** The name of the encoding; `utf-8` unless a mark, the bytes or a setting says otherwise. */
  readonly encoding: string;
}

/**
 * Decodes text: by the setting, else by its byte order mark, else by the zero bytes of UTF-16. All else is taken for UTF-8, whose
 * errors show as U+FFFD and are reported with the values that contain them.
 *
 * @param asked A label of the WHATWG encoding standard.
 */
export async function asUtf8(source: AsyncIterable<Uint8Array>, asked?: string): Promise<DecodedText> {
  const { start, whole } = await withStart(source, 64);
  const marked = UTF_16_BY_MARK[start.toString('hex', 0, 2)];
  const encoding =
    marked ?? (asked === undefined ? utf16WithoutMark(start) : new TextDecoder(asked).encoding);
  if (encoding === undefined || encoding === 'utf-8') return { text: whole, encoding: 'utf-8' };
  return { text: decoded(whole, new TextDecoder(encoding)), encoding };
}

async function* decoded(source: AsyncIterable<Uint8Array>, decoder: TextDecoder): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** A header is mostly ASCII, of which every second byte is zero in UTF-16. */
function utf16WithoutMark(start: Buffer): string | undefined {
  const zeros = [0, 1].map(
    (parity) => start.filter((byte, index) => byte === 0 && index % 2 === parity).length,
  );
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 4 && even === 0) return 'utf-16le';
  return even > start.length / 4 && odd === 0 ? 'utf-16be' : undefined;
}
