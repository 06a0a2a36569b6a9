/**
 * Lambda's event filtering, which takes patterns of EventBridge's kind. Its rules, as far as Lambda has them:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 *
 * A pattern is JSON: names lead to nested patterns, and at last to a list of what the value there may match. `$or` holds
 * a list of alternative patterns. Check a pattern with `assertMatchable` before it is used: what it doesn't understand
 * matches nothing here.
 */
export interface EventPattern {
  readonly [name: string]: unknown;
}

/** Whether an event, as plain JSON, is let through: every name of the pattern must match. */
export function matches(pattern: EventPattern, event: unknown): boolean {
  // A list of objects matches if one of them does.
  if (isList(event)) return event.some((one) => matches(pattern, one));
  return Object.entries(pattern).every(([name, part]) => matchesPart(name, part, event));
}

/** Whether any of the patterns lets the event through; without patterns everything passes. */
export function matchesAny(patterns: readonly unknown[], event: unknown): boolean {
  return patterns.length === 0 || patterns.some((pattern) => isObject(pattern) && matches(pattern, event));
}

function matchesPart(name: string, part: unknown, event: unknown): boolean {
  if (name === '$or') return isList(part) && part.some((one) => isObject(one) && matches(one, event));
  const value = isObject(event) ? event[name] : undefined;
  if (isList(part)) return part.some((matcher) => matchesValue(matcher, value));
  return isObject(part) && matches(part, value);
}

/** A list of values matches if one of them does; an empty one is as good as absent. */
function matchesValue(matcher: unknown, value: unknown): boolean {
  const values = isList(value) ? value : [value];
  if (isObject(matcher) && 'exists' in matcher) return matcher.exists === values.some(isLeaf);
  return values.some((one) => matchesLeaf(matcher, one));
}

function matchesLeaf(matcher: unknown, value: unknown): boolean {
  if (!isLeaf(value)) return false;
  if (!isObject(matcher)) return value === matcher;
  const [operator, operand] = Object.entries(matcher)[0] ?? [];
  switch (operator) {
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(operand));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(operand));
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase();
    case 'anything-but':
      return isAnythingBut(operand, value);
    case 'numeric':
      return typeof value === 'number' && isList(operand) && isInRange(operand, value);
    default:
      return false;
  }
}

/** The value is there, and is something else: than a value, than any of a list, or than what has a prefix. */
function isAnythingBut(unwanted: unknown, value: unknown): boolean {
  if (isList(unwanted)) return !unwanted.includes(value);
  if (!isObject(unwanted)) return value !== unwanted;
  return typeof value === 'string' && !value.startsWith(String(unwanted.prefix));
}

/** `["=", 5]`, `[">", 0]`, `[">=", 0, "<", 10]`. */
function isInRange(conditions: readonly unknown[], value: number): boolean {
  return conditions.every(
    (operator, i) => i % 2 === 1 || compares(operator, value, Number(conditions[i + 1])),
  );
}

function compares(operator: unknown, value: number, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    default:
      return false;
  }
}

/** A value that a list of matchers can be held against: `exists` too sees only these. */
function isLeaf(value: unknown): boolean {
  return value !== undefined && (value === null || typeof value !== 'object');
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
