import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { errorTable } from '../../shared/api/errors.ts';
import { systemDocument } from '../../shared/api/openapi/document.ts';
import type { OpenApiDocument } from '../../shared/api/openapi/openapi.ts';

/** A request and its response. */
export interface SeenAnswer {
  readonly method: string;
  /** May include a query. */
  readonly path: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DocumentChecker {
  readonly document: OpenApiDocument;
  /** What the document doesn't declare about a response; empty if everything is declared. */
  check(seen: SeenAnswer): string[];
  /** Violations of the schema at a JSON pointer of the document; empty if none. */
  validate(pointer: string, value: unknown): string[];
  /** Responses that `check` has seen: `/simulation/status get 200`. */
  readonly seen: ReadonlySet<string>;
}

const METHODS_WITHOUT_OPERATION = ['HEAD', 'OPTIONS'];

/** Checks responses against the deployed system's document. Undeclared members are violations too. */
export async function documentChecker(): Promise<DocumentChecker> {
  const document = await systemDocument();
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false });
  addFormats.default(ajv);
  // The document itself isn't a schema.
  ajv.addVocabulary([...Object.keys(document)]);
  ajv.addSchema(closed(document), 'document', false, false);
  const validators = new Map<string, ValidateFunction>();
  const seen = new Set<string>();

  function validate(pointer: string, value: unknown): string[] {
    const validator = validators.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` });
    validators.set(pointer, validator);
    if (validator(value)) return [];
    return (validator.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  }

  function checkOperation(path: string, method: string, answer: SeenAnswer): string[] {
    const base = `/paths/${escaped(path)}/${method}/responses/${answer.status}`;
    const pointer = followed(document, base);
    const response = valueAt(document, pointer);
    if (response === undefined) return [`the status ${answer.status} is not documented`];
    seen.add(`${path} ${method} ${answer.status}`);
    const { content = {}, headers = {} } = response as ResponseLike;
    const missing = Object.keys(headers).filter(
      (name) => !isOptional(name) && !(name.toLowerCase() in answer.headers),
    );
    return [
      ...missing.map((name) => `the header ${name} is missing`),
      ...checkContent(answer, content, pointer),
    ];
  }

  function checkContent(answer: SeenAnswer, content: Record<string, unknown>, pointer: string): string[] {
    if (Object.keys(content).length === 0) return answer.body === '' ? [] : ['a body is not documented'];
    const type = answer.headers['content-type'] ?? '';
    if (!(type in content)) return [`the content type ${type} is not documented`];
    if (answer.method === 'HEAD') return answer.body === '' ? [] : ['HEAD has a body'];
    const value: unknown = /json/.test(type) ? JSON.parse(answer.body) : answer.body;
    return validate(`${pointer}/content/${escaped(type)}/schema`, value);
  }

  function check(answer: SeenAnswer): string[] {
    const path = answer.path.split('?')[0] ?? '';
    // The HTTP API decodes paths before matching, so an encoded slash counts as a slash.
    if (/%2f/i.test(path) && [307, 404].includes(answer.status)) return [];
    const template = templateOf(document, path);
    if (template === undefined) return checkUnknownPath(document, path, answer);
    const operations = Object.keys(document.paths[template] ?? {});
    const method =
      answer.method === 'HEAD' && operations.includes('get') ? 'get' : answer.method.toLowerCase();
    if (operations.includes(method)) return checkOperation(template, method, answer);
    return checkOtherMethod(template, operations, answer);
  }

  return { document, check, validate, seen };
}

/** The documented answer to methods a path doesn't support. */
function checkOtherMethod(
  template: string,
  operations: readonly string[],
  { method, status, headers }: SeenAnswer,
): string[] {
  const allowed = (headers.allow ?? '').split(', ').filter((one) => !METHODS_WITHOUT_OPERATION.includes(one));
  const expected = operations.map((one) => one.toUpperCase());
  // Existence may be checked first.
  const mayBeUnknown = template.includes('{') && status === 404;
  if (mayBeUnknown || [413, 414, 431].includes(status)) return [];
  if (status !== (method === 'OPTIONS' ? 204 : 405)) return [`${method} is answered by ${status}`];
  return allowed.toSorted().join() === expected.toSorted().join() ? [] : [`Allow is ${headers.allow}`];
}

/** The documented answer to unknown paths. */
function checkUnknownPath(
  document: OpenApiDocument,
  path: string,
  { method, status, headers, body }: SeenAnswer,
): string[] {
  const bare = path.replace(/\/$/, '');
  if (bare !== path && templateOf(document, bare) !== undefined)
    return status === 307 && headers.location ? [] : [`${status} instead of 307`];
  if ([413, 414, 431].includes(status)) return [];
  if (status !== 404) return [`an unknown path is answered by ${status}`];
  if (method === 'HEAD') return [];
  const isPage = headers['content-type'] === 'text/html; charset=utf-8';
  const isNotFound = isPage
    ? body.includes(errorTable.not_found.title)
    : JSON.parse(body).code === 'not_found';
  return isNotFound ? [] : ['the problem is not not_found'];
}

interface ResponseLike {
  readonly content?: Record<string, unknown>;
  readonly headers?: Record<string, unknown>;
}

/** Only some of the codes that share a status have these members. */
function isOptional(header: string): boolean {
  return ['Retry-After', 'ETag', 'Cache-Control'].includes(header);
}

function templateOf({ paths }: OpenApiDocument, path: string): string | undefined {
  if (path in paths) return path;
  return Object.keys(paths).find((template) => {
    const segments = template.split(/\{\w+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return segments.length > 1 && new RegExp(`^${segments.join('[^/]+')}$`).test(path);
  });
}

function escaped(token: string): string {
  return encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function valueAt(document: unknown, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  return tokens.reduce<unknown>((value, token) => {
    const name = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }, document);
}

/** The pointer, or the target of its reference. */
function followed(document: unknown, pointer: string): string {
  const value = valueAt(document, pointer);
  const isReference = typeof value === 'object' && value !== null && '$ref' in value;
  return isReference ? String(value.$ref).slice(1) : pointer;
}

/** The document with closed objects; problem documents stay open, as RFC 9457 requires. */
function closed(document: OpenApiDocument): object {
  const copy = structuredClone(document);
  const { Problem: _open, ...answers } = copy.components.schemas;
  close(answers);
  return copy;
}

function close(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (
    'type' in value &&
    value.type === 'object' &&
    'properties' in value &&
    !('additionalProperties' in value)
  ) {
    Object.assign(value, { additionalProperties: false });
  }
  for (const member of Object.values(value)) close(member);
}
