/**
 * Numbers as people write them: `1,234.50`, `1.234,50`, `€ 12,5`, `(3.00)`. `1,234` alone may be either, so a survey of all
 * columns of numbers decides what the decimal sign is, and asks where it can't.
 */

export type DecimalSign = '.' | ',';

/** A currency's sign or code before or after a number. */
const CURRENCY =
  /^(?:\p{Sc}|[A-Z]{1,2}\p{Sc}|[A-Z]{3}(?![A-Za-z])|R\$|kr\.?|Rs\.?|Fr\.?)\s*|\s*(?:\p{Sc}|[A-Z]{3}|kr\.?|zł|Kč|Ft|lei|лв\.?)$/u;
const IN_PARENTHESES = /^\((.+)\)$/;
/** Spaces (also narrow and non-breaking ones) and apostrophes only group digits. */
const NEUTRAL_GROUPS = /(?<=\d)[\u0020\u00a0\u202f\u2009'’](?=\d{3}(?!\d))/g;

const PLAIN = /^-?(0|[1-9]\d*)$/;
/** Most numbers of most files. */
const PLAIN_POINT = /^-?(0|[1-9]\d*)\.\d{1,2}$/;
const POINT = /^-?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d{2})*,\d{3})\.\d+$/;
const COMMA = /^-?(0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+),\d+$/;
const POINT_GROUPS = /^-?[1-9]\d?((,\d{2})*|\d?(,\d{3})*),\d{3}$/;
const COMMA_GROUPS = /^-?[1-9]\d{0,2}(\.\d{3})+$/;

/** Removes what surrounds the digits: currency signs, groups by spaces, parentheses for less than zero. */
function bare(text: string): string {
  const inner = IN_PARENTHESES.exec(text)?.[1];
  const signed = inner === undefined ? text : `-${inner.trim()}`;
  const minus = signed.startsWith('-') || signed.startsWith('\u2212');
  const digits = (minus ? signed.slice(1) : signed).replace(CURRENCY, '').replace(CURRENCY, '');
  const grouped = digits.replaceAll(NEUTRAL_GROUPS, '');
  return minus ? `-${grouped}` : grouped;
}

/** The number as JavaScript writes it, without an exponent; undefined if it is none with this decimal sign. */
export function plainNumber(text: string, sign: DecimalSign): string | undefined {
  if (PLAIN.test(text) || (sign === '.' && PLAIN_POINT.test(text))) return text;
  const digits = bare(text);
  if (PLAIN.test(digits)) return digits;
  if (sign === '.') {
    return POINT.test(digits) || POINT_GROUPS.test(digits) ? digits.replaceAll(',', '') : undefined;
  }
  if (!(COMMA.test(digits) || COMMA_GROUPS.test(digits))) return undefined;
  return digits.replaceAll('.', '').replace(',', '.');
}

function hasNeutralGroups(text: string): boolean {
  return text.replaceAll(NEUTRAL_GROUPS, '').length < text.length;
}

/** What a survey found out about the numbers of a file. */
export interface NumberReading {
  readonly sign: DecimalSign;
  /** Values that may have either sign, if no other value decides. */
  readonly ambiguous: { readonly values: number; readonly examples: readonly NumberPlace[] } | null;
  readonly hasCurrency: boolean;
  readonly hasGroups: boolean;
}

interface NumberPlace {
  readonly line: number;
  readonly column: string;
  readonly value: string;
}

const MAX_EXAMPLES = 5;

/** Looks at every number of a file, in constant memory. */
export function surveyNumbers(asked: DecimalSign | undefined) {
  const seen = { point: 0, comma: 0, either: 0, currency: false, groups: false };
  const examples: NumberPlace[] = [];

  function add(text: string, line: number, column: string): void {
    if (PLAIN.test(text)) return;
    // Not like 1.250, which may also be 1250.
    if (PLAIN_POINT.test(text)) {
      seen.point += 1;
      return;
    }
    const digits = bare(text);
    if (PLAIN.test(digits)) {
      if (/\p{Sc}/u.test(text)) seen.currency = true;
      if (hasNeutralGroups(text)) seen.groups = true;
      return;
    }
    const point = POINT.test(digits) || POINT_GROUPS.test(digits);
    const comma = COMMA.test(digits) || COMMA_GROUPS.test(digits);
    if (point && comma) {
      seen.either += 1;
      if (examples.length < MAX_EXAMPLES) examples.push({ line, column, value: text });
    } else if (point) seen.point += 1;
    else if (comma) seen.comma += 1;
    if (/\p{Sc}/u.test(text)) seen.currency = true;
    if (/[.,].*[.,]/.test(digits) || hasNeutralGroups(text)) seen.groups = true;
  }

  function reading(): NumberReading {
    const decided = asked !== undefined || seen.point > 0 || seen.comma > 0 || seen.either === 0;
    return {
      sign: asked ?? (seen.comma > seen.point ? ',' : '.'),
      ambiguous: decided ? null : { values: seen.either, examples },
      hasCurrency: seen.currency,
      hasGroups: seen.groups,
    };
  }

  return { add, reading };
}

const MONEY = /^-?\d+(\.\d{1,2})?$/;
/** Below this a third decimal is an error of binary arithmetic: 63.010000000000005. */
const NOISE = 1e-6;

/** A plain number with at most two decimals; undefined if it has more and must not be rounded. */
export function twoDecimals(plain: string, round: boolean): string | undefined {
  if (MONEY.test(plain)) return plain;
  const value = Number(plain);
  const rounded = Math.round(value * 100) / 100;
  return round || Math.abs(value - rounded) < NOISE ? withoutExponent(rounded) : undefined;
}

/** A whole number; undefined if the number is none and must not be rounded. */
export function wholeNumber(plain: string, round: boolean): string | undefined {
  if (PLAIN.test(plain)) return plain;
  const value = Number(plain);
  const rounded = Math.round(value);
  return round || Math.abs(value - rounded) < NOISE ? String(rounded || 0) : undefined;
}

function withoutExponent(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, '0.00');
}
