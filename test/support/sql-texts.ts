/**
 * Finds what source code puts into SQL other than constants and placeholders: expressions that are interpolated or
 * concatenated into a statement, and anything else passed to a query that isn't constant text.
 */
import { parseAst } from 'vitest/node';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Starts or continues a statement. Upper case, like all SQL here, so that no error message matches. */
const SQL =
  /\b(SELECT|INSERT INTO|REPLACE INTO|UPDATE \w+ SET|DELETE FROM|WHERE|JOIN|GROUP BY|ORDER BY|LOAD DATA|(CREATE|ALTER|DROP|TRUNCATE) (TABLE|DATABASE|USER|INDEX)|GRANT)\s/;

/** Part of a condition: a placeholder or a comparison. Not a command's option. */
const CONDITION = /^(?!--)(.*\?|.*(=|<|>|\bIN|\bLIKE)\s*[('"]?$)/s;

/** Methods and functions whose first argument is SQL. */
const METHODS: ReadonlySet<unknown> = new Set(['query', 'execute']);
const FUNCTIONS: ReadonlySet<unknown> = new Set(['select']);

/** The non-constant expressions in a source text that end up in SQL, as written. */
export function expressionsInSql(source: string): string[] {
  const program: unknown = parseAst(source, { lang: 'ts' });
  const nodes = [...nodesIn(program)];
  const constants = constantsOf(program);
  const locals = new Map(
    nodes.filter(isType('VariableDeclarator')).map((each) => [nameOf(each.id), each.init]),
  );
  const arguments_ = nodes.filter(isType('CallExpression')).flatMap(sqlArgument);
  const texts = nodes.filter((node) => isText(node) && SQL.test(partsOf(node).join('')));
  const hasSql = arguments_.length > 0 || nodes.some((node) => SQL.test(partsOf(node).join('')));
  const conditions = hasSql ? nodes.filter((node) => isText(node) && partsOf(node).some(isCondition)) : [];
  const found = [...arguments_, ...texts, ...conditions].flatMap((node) => [...open(node, new Set())]);
  return [...new Set(found)].sort();

  /** The non-constant parts of an expression; `seen` breaks cycles of names. */
  function* open(node: unknown, seen: Set<string>): Iterable<string> {
    const expression = unwrapped(node);
    if (!isNode(expression) || isString(expression)) return;
    const parts = isText(expression) ? operandsOf(expression) : null;
    if (parts) for (const part of parts) yield* open(part, seen);
    if (parts) return;
    const name = nameOf(expression) ?? '';
    const value = constants.get(name) ?? (seen.has(name) ? undefined : textOf(locals.get(name)));
    if (value === undefined) yield source.slice(expression.start, expression.end);
    else yield* open(value, seen.add(name));
  }
}

/** Every text in a source that has SQL in it, with `…` for what is interpolated. None if it has no SQL. */
export function textsBesideSql(source: string): string[] {
  const nodes = [...nodesIn(parseAst(source, { lang: 'ts' }))];
  const texts = nodes.filter((node) => isText(node) || isString(node)).map((node) => partsOf(node).join('…'));
  return texts.some((text) => SQL.test(text)) ? texts : [];
}

/** The module's own constants, by their names in capitals. */
function constantsOf(program: unknown): Map<string, unknown> {
  const body = isNode(program) && Array.isArray(program.body) ? program.body.filter(isNode) : [];
  const statements = body.map((each) => (isNode(each.declaration) ? each.declaration : each));
  const declared = statements
    .filter((each) => each.type === 'VariableDeclaration' && each.kind === 'const')
    .flatMap((each) => (Array.isArray(each.declarations) ? each.declarations.filter(isNode) : []));
  return new Map(
    declared.flatMap(({ id, init }) => {
      const name = nameOf(id);
      const text = textOf(init);
      return name !== undefined && /^[A-Z_\d]+$/.test(name) && text !== undefined ? [[name, text]] : [];
    }),
  );
}

function sqlArgument({ callee, arguments: given }: Node): Node[] {
  const called = isNode(callee) ? callee : undefined;
  const isQuery =
    called?.type === 'MemberExpression'
      ? METHODS.has(nameOf(called.property))
      : FUNCTIONS.has(nameOf(called));
  const values = Array.isArray(given) ? given.filter(isNode) : [];
  // The first argument of `select` is the pool.
  const first = called?.type === 'MemberExpression' ? values[0] : values[1];
  if (!isQuery || first === undefined) return [];
  if (first.type !== 'ObjectExpression') return [first];
  const fields = Array.isArray(first.properties) ? first.properties.filter(isNode) : [];
  const sql = fields.find((field) => nameOf(field.key) === 'sql')?.value;
  return [isNode(sql) ? sql : first];
}

function* nodesIn(value: unknown): Iterable<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesIn(each);
  if (!isNode(value)) return;
  yield value;
  for (const field of Object.values(value)) if (typeof field === 'object') yield* nodesIn(field);
}

/** The constant parts of a template. */
function partsOf(node: Node): string[] {
  if (isString(node)) return [String(node.value)];
  if (node.type === 'BinaryExpression') {
    return [node.left, node.right].flatMap((side) => (isNode(side) ? partsOf(side) : []));
  }
  const quasis = Array.isArray(node.quasis) ? node.quasis.filter(isNode) : [];
  return quasis.map(({ value }) => rawOf(value));
}

function operandsOf(node: Node): unknown[] {
  if (node.type === 'BinaryExpression') return [node.left, node.right];
  return Array.isArray(node.expressions) ? node.expressions : [];
}

const isText = (node: Node) =>
  node.type === 'TemplateLiteral' || (node.type === 'BinaryExpression' && node.operator === '+');
const isCondition = (part: string) => CONDITION.test(part);
const isString = (node: Node) => node.type === 'Literal' && typeof node.value === 'string';
const isType = (type: string) => (node: Node) => node.type === type;

/** The text a name is declared with, if any. */
function textOf(node: unknown): Node | undefined {
  const value = unwrapped(node);
  return isNode(value) && (isText(value) || isString(value)) ? value : undefined;
}

/** Strips `as` and `satisfies`. */
function unwrapped(node: unknown): unknown {
  return isNode(node) && /^TS(As|Satisfies)Expression$/.test(node.type) ? unwrapped(node.expression) : node;
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined;
}

function rawOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'raw' in value ? String(value.raw) : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
