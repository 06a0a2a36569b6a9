/**
 * Filter patterns of a DynamoDB event source, with two of Lambda's operators: a list of strings, one of which the value must
 * equal, and `anything-but`. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */

/** Whether an event is delivered. */
export type EventFilter = (event: unknown) => boolean;

/** A pattern is beyond this host, or can never match on AWS either. The message names the place in the pattern. */
export class FilterPatternError extends Error {
  constructor(path: readonly string[], problem: string) {
    super(`The filter pattern is wrong at ${path.join('.') || 'its root'}: ${problem}.`);
    this.name = 'FilterPatternError';
  }
}

/**
 * Compiles patterns, any of which an event must match. Without a pattern every event is delivered.
 *
 * @throws FilterPatternError for anything this host doesn't understand: ignoring it would drop or deliver records silently.
 * @example
 * const filter = compileFilter([{ dynamodb: { Keys: { sk: { S: ['STATE'] } } } }]);
 * filter({ dynamodb: { Keys: { sk: { S: 'STATE' } } } }); // true
 */
export function compileFilter(patterns: readonly unknown[]): EventFilter {
  const filters = patterns.map((pattern) => compile(pattern, []));
  return (event) => filters.length === 0 || filters.some((filter) => filter(event));
}

function compile(pattern: unknown, path: readonly string[]): EventFilter {
  if (Array.isArray(pattern)) return compileLeaf(pattern, path);
  if (!isObject(pattern)) throw new FilterPatternError(path, `${JSON.stringify(pattern)} must be in a list`);
  const parts = Object.entries(pattern).map(([name, part]) => ({
    name,
    matches: compile(part, [...path, name]),
  }));
  if (parts.length === 0) throw new FilterPatternError(path, 'it is empty');
  return (event) => isObject(event) && parts.every(({ name, matches }) => matches(event[name]));
}

function compileLeaf(alternatives: readonly unknown[], path: readonly string[]): EventFilter {
  requireType(path);
  const [first] = alternatives;
  const unwanted = alternatives.length === 1 && isObject(first) ? first['anything-but'] : undefined;
  if (isStrings(alternatives)) return (value) => isText(value) && alternatives.includes(value);
  if (isStrings(unwanted)) return (value) => isText(value) && !unwanted.includes(value);
  throw new FilterPatternError(
    path,
    `${JSON.stringify(alternatives)} must be a list of strings or [{"anything-but": […]}]; numbers of a stream record are strings`,
  );
}

const IMAGES = ['Keys', 'NewImage', 'OldImage'];

/** The value of an attribute is below its type: `NewImage.day_index.N`. A pattern that forgets the type never matches. */
function requireType([source, image = '', ...rest]: readonly string[]): void {
  if (source !== 'dynamodb' || !IMAGES.includes(image)) return;
  if (rest.length > 1 && ['S', 'N'].includes(rest.at(-1) ?? '')) return;
  throw new FilterPatternError(
    [source, image, ...rest],
    `the value of an attribute is below its type S or N, as in ${[source, image, ...rest, 'S'].join('.')}`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}
