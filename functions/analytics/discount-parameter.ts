import { z } from 'zod';

/** Decimal numbers as Python reads them, without `nan` and `inf`: `20`, ` 7.25 `, `.5`, `1e1`. */
const DECIMAL_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The query parameter `discount_pct`. */
export const discountParameter = z.preprocess(decimalOf, z.number().min(0).max(100)).describe('Percent.');

/** The number that a text stands for; any other value stays as it is, for the schema to refuse. */
function decimalOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // `|| 0`: a negative zero would be shown as "-0.0 %".
  return DECIMAL_TEXT.test(text) ? Number(text) || 0 : value;
}
