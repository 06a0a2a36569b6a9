/**
 * Stands in for `iconv-lite` (490 KB of tables) within the bundles. mysql2 asks it only for character sets that Node
 * doesn't know itself. Our connections are utf8mb4, which Node does; the server's own texts are utf8mb3, which mysql2 calls
 * CESU-8. The two differ in characters beyond the Basic Multilingual Plane alone, and utf8mb3 holds none of those.
 */
const UTF8_BY_ANOTHER_NAME = 'cesu8';

function check(encoding: string): void {
  if (encoding === UTF8_BY_ANOTHER_NAME) return;
  throw new Error(
    `The character set "${encoding}" is not in the bundle, which holds UTF-8 alone; connect with utf8mb4.`,
  );
}

/** Reads one text; texts come whole, so nothing is left over at the end. */
export function getDecoder(encoding: string): { write(bytes: Buffer): string; end(): undefined } {
  check(encoding);
  return { write: (bytes) => bytes.toString('utf8'), end: () => undefined };
}

/** Writes one text. */
export function getEncoder(encoding: string): { write(text: string): Buffer; end(): undefined } {
  check(encoding);
  return { write: (text) => Buffer.from(text, 'utf8'), end: () => undefined };
}
