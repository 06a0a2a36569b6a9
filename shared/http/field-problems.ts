import type { z } from 'zod';
import { type FieldProblem, HttpProblem } from '../api/errors.ts';

/** A list of ten thousand wrong dates is described well enough by its first ones. */
const MAX_PROBLEMS = 20;

/** The part of a request that a value came from; the first part of a field's name. */
export type Place = 'path' | 'query' | 'body' | 'header';

/**
 * Parses a value of a request.
 *
 * @throws HttpProblem `invalid_request` that names every field that is wrong (the first 20) and what it should be.
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: describeIssue });
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    parsed.error.issues.map(({ path, message }) => ({ field: fieldName(place, path), message })),
  );
}

/** The error for a request whose fields are wrong. */
export function invalidRequest(problems: readonly FieldProblem[], cause?: unknown): HttpProblem {
  const [first] = problems;
  const others = problems.length - 1;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return new HttpProblem('invalid_request', `${first?.field}: ${first?.message}${more}`, {
    fields: problems.slice(0, MAX_PROBLEMS),
    cause,
  });
}

/** `body`, [`dates`, 3] → `body.dates[3]`. */
function fieldName(place: Place, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : `${name}.${String(part)}`),
    place,
  );
}

/** Says what is missing or of a wrong type in the words of JSON; all other issues keep zod's text. */
function describeIssue(issue: { code?: string; expected?: unknown; input?: unknown }): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const expected = `expected ${withArticle(String(issue.expected))}`;
  return issue.input === undefined ? `is missing; ${expected}` : `${expected}, not ${shown(issue.input)}`;
}

function withArticle(type: string): string {
  const name = type === 'int' ? 'integer' : type;
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'an array';
  if (typeof input === 'object' && input !== null) return 'an object';
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
