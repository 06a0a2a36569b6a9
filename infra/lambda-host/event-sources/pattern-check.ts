/**
 * Refuses filter patterns for a DynamoDB stream that AWS would refuse, and those it would take but never match: such a
 * pattern drops every record without a word.
 */
import { type EventPattern, isList, isObject } from './filter-pattern.ts';

/** A filter pattern can't work. The message names the place in the pattern. */
export class FilterPatternError extends Error {
  constructor(path: readonly string[], problem: string) {
    super(`The filter pattern is wrong at ${path.join('.') || 'its root'}: ${problem}.`);
    this.name = 'FilterPatternError';
  }
}

/** What a leaf's values are in a stream record: of an attribute by its type, elsewhere unknown. */
type LeafKind = 'string' | 'boolean' | 'any';

const IMAGES = new Set(['Keys', 'NewImage', 'OldImage']);
const LEAF_KINDS = new Map<string, LeafKind>(
  Object.entries({
    S: 'string',
    N: 'string',
    B: 'string',
    SS: 'string',
    NS: 'string',
    BS: 'string',
    BOOL: 'boolean',
    NULL: 'boolean',
  }),
);

/** @throws FilterPatternError if some part of the pattern can never match a record of a DynamoDB stream. */
export function assertMatchable(pattern: unknown): void {
  if (!isObject(pattern)) throw new FilterPatternError([], 'it must be an object');
  check(pattern, []);
}

function check(pattern: EventPattern, path: readonly string[]): void {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new FilterPatternError(path, 'it is empty');
  for (const [name, part] of entries) {
    const here = [...path, name];
    if (name === '$or') checkAlternatives(part, path);
    else if (isList(part)) checkLeaf(part, here);
    else if (isObject(part)) check(part, here);
    else throw new FilterPatternError(here, `${JSON.stringify(part)} must stand in a list`);
  }
}

function checkAlternatives(part: unknown, path: readonly string[]): void {
  const here = [...path, '$or'];
  if (!isList(part) || part.length < 2)
    throw new FilterPatternError(here, 'it takes a list of two or more patterns');
  for (const alternative of part) {
    if (!isObject(alternative)) throw new FilterPatternError(here, 'each alternative must be a pattern');
    check(alternative, path);
  }
}

function checkLeaf(matchers: readonly unknown[], path: readonly string[]): void {
  if (matchers.length === 0) throw new FilterPatternError(path, 'an empty list matches nothing');
  const kind = leafKind(path);
  for (const matcher of matchers) {
    if (isObject(matcher)) checkOperator(matcher, kind, path);
    else if (isList(matcher)) throw new FilterPatternError(path, 'a list within a list matches nothing');
    else checkValue(matcher, kind, path);
  }
}

/** An attribute's value stands below its type: `NewImage.day_index.N`. */
function leafKind(path: readonly string[]): LeafKind {
  if (path[0] !== 'dynamodb' || !IMAGES.has(path[1] ?? '')) return 'any';
  const type = path.at(-1) ?? '';
  const kind = path.length > 3 ? LEAF_KINDS.get(type) : undefined;
  if (!kind) {
    throw new FilterPatternError(
      path,
      `an attribute's value stands below its type, as in ${[...path, 'S'].join('.')}`,
    );
  }
  return kind;
}

function checkValue(value: unknown, kind: LeafKind, path: readonly string[]): void {
  if (kind === 'any' || typeof value === kind) return;
  const hint = typeof value === 'number' ? '; numbers of a stream record are strings' : '';
  throw new FilterPatternError(
    path,
    `${JSON.stringify(value)} never matches, for the value is a ${kind}${hint}`,
  );
}

function checkOperator(matcher: EventPattern, kind: LeafKind, path: readonly string[]): void {
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(matcher);
  const here = [...path, operator];
  if (more.length > 0) throw new FilterPatternError(path, 'each operator needs an object of its own');
  const checkOperand = OPERATORS.get(operator);
  if (!checkOperand) throw new FilterPatternError(path, `there is no operator ${JSON.stringify(operator)}`);
  checkOperand(operand, kind, here);
}

type OperandCheck = (operand: unknown, kind: LeafKind, path: readonly string[]) => void;

const OPERATORS = new Map<string, OperandCheck>(
  Object.entries({
    exists: (operand, _kind, path) => demand(typeof operand === 'boolean', path, 'it takes true or false'),
    prefix: checkText,
    suffix: checkText,
    'equals-ignore-case': checkText,
    'anything-but': checkAnythingBut,
    numeric: checkNumeric,
  }),
);

function checkText(operand: unknown, kind: LeafKind, path: readonly string[]): void {
  demand(typeof operand === 'string', path, 'it takes a string');
  demand(kind !== 'boolean', path, 'the value is a boolean, which it never matches');
}

function checkNumeric(operand: unknown, kind: LeafKind, path: readonly string[]): void {
  demand(
    kind === 'any',
    path,
    `it never matches, for the value is a ${kind}; numbers of a stream record are strings`,
  );
  demand(isRange(operand), path, 'it takes a list such as ["=", 5] or [">", 0, "<=", 10]');
}

/** Excluding a value of another type excludes nothing. */
function checkAnythingBut(operand: unknown, kind: LeafKind, path: readonly string[]): void {
  if (isObject(operand)) {
    const isPrefix = Object.keys(operand).length === 1 && typeof operand.prefix === 'string';
    demand(isPrefix, path, 'it takes values or {"prefix": "…"}');
    return;
  }
  const unwanted = isList(operand) ? operand : [operand];
  demand(unwanted.length > 0, path, 'an empty list excludes nothing');
  for (const value of unwanted) {
    demand(['string', 'number'].includes(typeof value), path, 'it takes strings or numbers');
    checkValue(value, kind, path);
  }
}

function isRange(operand: unknown): boolean {
  if (!isList(operand) || ![2, 4].includes(operand.length)) return false;
  return operand.every((part, i) => (i % 2 === 0 ? isComparison(part) : typeof part === 'number'));
}

function isComparison(operator: unknown): boolean {
  return typeof operator === 'string' && ['=', '<', '<=', '>', '>='].includes(operator);
}

function demand(holds: boolean, path: readonly string[], problem: string): void {
  if (!holds) throw new FilterPatternError(path, problem);
}
