/** Random requests made from the document: some valid, some wrong in one or many places. */
import fc, { type Arbitrary } from 'fast-check';
import type { JsonSchema, OperationObject, Parameter } from '../../shared/api/openapi/openapi.ts';
import type { RequestOptions } from './http-client.ts';

export interface FuzzRequest extends RequestOptions {
  readonly method: string;
  readonly path: string;
}

export interface FuzzTarget {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

/** Texts that are hard on parsers. */
const oddText = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '0', '-0', '-1', '1e999', 'NaN', 'Infinity', 'null', 'true', '1.5', '0x10', '٣', '\0'],
  ),
  fc.constantFrom(
    ...['S001', 'P0001', "' OR 1=1 --", '../../etc/passwd', '%', '%FF', '__proto__', '2022-02-30'],
  ),
  fc.constantFrom(...['99999999999999999999', '-99999999999999999999', '1'.repeat(400), 'x'.repeat(3_000)]),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
);

/** Random values a schema allows. Supports the keywords the document uses; anything else allows any value. */
export function arbitraryOf(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.examples?.length) return fc.oneof(fc.constantFrom(...schema.examples), anyOf(schema));
  return anyOf(schema);
}

function anyOf(schema: JsonSchema): Arbitrary<unknown> {
  const { minimum = -1_000, maximum = 100_000 } = schema;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'integer':
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(arbitraryOf(itemsOf(schema)), { maxLength: 4 });
    case 'object':
      return objectOf(schema);
    case 'string':
      return textOf(schema);
    default:
      return fc.jsonValue();
  }
}

function itemsOf({ items }: JsonSchema): JsonSchema {
  return typeof items === 'object' && !Array.isArray(items) ? items : {};
}

function objectOf({ properties = {}, required = [] }: JsonSchema): Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, member]): [string, Arbitrary<unknown>] => [
    name,
    typeof member === 'boolean' ? fc.jsonValue() : arbitraryOf(member),
  ]);
  return fc.record(Object.fromEntries(members), { requiredKeys: required });
}

function textOf({ format, maxLength = 50 }: JsonSchema): Arbitrary<string> {
  if (format === 'date') {
    const days = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    return days.map((day) => day.toISOString().slice(0, 10));
  }
  return format === 'uuid' ? fc.uuid() : fc.string({ maxLength });
}

/** A value in a query or a path. `String` would call an object's own `toString`, which may be any JSON value here. */
function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** A query parameter: valid, odd, repeated or missing. */
function queryPart({ name, schema }: Parameter): Arbitrary<[string, string][]> {
  const valid = arbitraryOf(schema).map(written);
  const value = fc.oneof({ weight: 3, arbitrary: valid }, { weight: 1, arbitrary: oddText });
  return fc.oneof(
    { weight: 8, arbitrary: value.map((one): [string, string][] => [[name, one]]) },
    { weight: 1, arbitrary: fc.constant<[string, string][]>([]) },
    {
      weight: 1,
      arbitrary: fc.tuple(value, value).map((both) => both.map((one): [string, string] => [name, one])),
    },
  );
}

function queryOf(parameters: readonly Parameter[]): Arbitrary<string> {
  const parts = parameters.filter((each) => each.in === 'query').map(queryPart);
  const unknown = fc.array(fc.tuple(oddText, oddText), { maxLength: 1 });
  const encoded = fc.tuple(...parts, unknown).map((pairs) => new URLSearchParams(pairs.flat()).toString());
  return fc.oneof({ weight: 9, arbitrary: encoded }, { weight: 1, arbitrary: fc.webQueryParameters() });
}

function pathOf(path: string, parameters: readonly Parameter[]): Arbitrary<string> {
  const values = parameters
    .filter((each) => each.in === 'path')
    .map(({ name, schema, example = '' }) =>
      fc
        .oneof(fc.constant(String(example)), arbitraryOf(schema).map(written), oddText)
        .map((value) => [`{${name}}`, encodeURIComponent(value.toWellFormed()) || '%20'] as const),
    );
  return fc
    .tuple(...values)
    .map((replacements) => replacements.reduce((text, [from, to]) => text.replace(from, () => to), path));
}

const headerText = fc.string({
  maxLength: 30,
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
});

function headersOf({ security }: OperationObject, authorization: string): Arbitrary<Record<string, string>> {
  const optional = fc.record(
    {
      accept: fc.oneof(fc.constantFrom('application/json', 'text/plain', '*/*', ''), headerText),
      'if-none-match': fc.oneof(fc.constantFrom('*', '"x"', 'W/"x"'), headerText),
      'last-event-id': fc.oneof(fc.constantFrom('1', '0', '-1'), headerText),
      traceparent: headerText,
      cookie: headerText,
    },
    { requiredKeys: [] },
  );
  const token = security
    ? fc.oneof(
        { weight: 6, arbitrary: fc.constant({ authorization }) },
        fc.constant({}),
        fc.record({ authorization: headerText }),
      )
    : fc.constant({});
  return fc.tuple(optional, token).map(([some, more]) => ({ ...some, ...more }));
}

function bodyOf({ requestBody }: OperationObject): Arbitrary<Pick<RequestOptions, 'headers' | 'body'>> {
  const schema = requestBody?.content['application/json']?.schema;
  if (!schema || '$ref' in schema) {
    return fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      fc.string({ unit: 'binary' }).map((body) => ({ body })),
    );
  }
  const headers = { 'content-type': 'application/json' };
  const valid = arbitraryOf(schema).map((value) => ({ headers, body: JSON.stringify(value) }));
  const otherJson = fc.jsonValue().map((value) => ({ headers, body: JSON.stringify(value) }));
  const other = fc.record({
    headers: fc.record({ 'content-type': headerText }),
    body: fc.string({ unit: 'binary' }),
  });
  return fc.oneof(
    { weight: 4, arbitrary: valid },
    { weight: 2, arbitrary: otherJson },
    { weight: 1, arbitrary: other },
  );
}

/** Requests of an operation, sometimes with a method its path doesn't support. */
export function fuzzRequest(target: FuzzTarget, authorization: string): Arbitrary<FuzzRequest> {
  const { operation } = target;
  const parameters = operation.parameters ?? [];
  const own = target.method.toUpperCase();
  return fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant(own) },
        fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'PATCH'),
      ),
      path: pathOf(target.path, parameters),
      query: queryOf(parameters),
      headers: headersOf(operation, authorization),
      sent: bodyOf(operation),
    })
    .map(({ method, path, query, headers, sent }) => ({
      method,
      path: query === '' ? path : `${path}?${query}`,
      ...sent,
      headers: { ...headers, ...sent.headers },
    }));
}
