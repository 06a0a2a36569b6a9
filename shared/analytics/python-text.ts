/** Python writes smaller numbers with an exponent, JavaScript only those below a millionth. */
const SMALLEST_PLAIN = 1e-4;

/**
 * A number as Python's `str(float)` writes it: `20.0`, `7.25`, `1e-05`. Both languages choose the shortest digits that
 * read back as the same number; they differ in how they set them.
 *
 * @param value Below 1e16, where Python begins to write exponents of large numbers.
 */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value)) return `${value}.0`;
  if (Math.abs(value) >= SMALLEST_PLAIN) return String(value);
  return value.toExponential().replace(/-(\d)$/, '-0$1');
}

/** A number of one decimal as Python's `{:+.1f}` writes it: `+6.4`, `-20.5`, `-0.0`. */
export function signedText(value: number): string {
  const isNegative = value < 0 || Object.is(value, -0);
  return `${isNegative ? '-' : '+'}${Math.abs(value).toFixed(1)}`;
}
