import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { functionUrl, httpRoutes } from '../../../../infra/system.ts';
import { type ErrorCode, errorTable } from '../../../../shared/api/errors.ts';
import type {
  OpenApiDocument,
  OperationObject,
  Reference,
  ResponseObject,
} from '../../../../shared/api/openapi/openapi.ts';
import { errorsOf, type RouteDeclaration, successStatus } from '../../../../shared/api/route.ts';
import { type DocumentChecker, documentChecker } from '../../../support/documented.ts';

const routes: readonly RouteDeclaration[] = [...httpRoutes.map(({ route }) => route), ...functionUrl.routes];

let checker: DocumentChecker;
let document: OpenApiDocument;
beforeAll(async () => {
  checker = await documentChecker();
  document = checker.document;
});

function operationOf({ method, path }: RouteDeclaration): OperationObject {
  const operation = document.paths[path]?.[method === 'GET' ? 'get' : 'post'];
  if (!operation) throw new Error(`${method} ${path} is not documented.`);
  return operation;
}

function responseOf(response: ResponseObject | Reference | undefined): ResponseObject {
  if (!response) throw new Error('There is no such response.');
  if (!('$ref' in response)) return response;
  const found = document.components.responses[response.$ref.split('/').at(-1) ?? ''];
  if (!found) throw new Error(`${response.$ref} leads nowhere.`);
  return found;
}

const pointerOf = ({ method, path }: RouteDeclaration) =>
  `/paths/${encodeURIComponent(path.replaceAll('/', '~1'))}/${method.toLowerCase()}`;
const escaped = (token: string) => encodeURIComponent(token.replaceAll('/', '~1'));

describe('the OpenAPI document', () => {
  it('the document is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('the document has exactly the routes that are served', () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it('every reference of the document resolves', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g);
    const all = [...references];
    expect(all.length).toBeGreaterThan(100);
    for (const [, kind, name] of all)
      expect(Object.entries(document.components)).toContainEqual([
        kind,
        expect.objectContaining({ [name ?? '']: expect.anything() }),
      ]);
  });

  it('the document lists every error with its status, meaning and a valid example', () => {
    for (const [code, { status, title }] of Object.entries(errorTable)) {
      expect(document.info.description).toContain(`| \`${code}\` | ${status} | ${title} |`);
      const { value } = document.components.examples[code] ?? {};
      expect(value).toMatchObject({ code, status, title, type: `urn:problem-type:${code}` });
      expect(checker.validate('/components/schemas/Problem', value)).toEqual([]);
    }
  });
});

describe.each(routes.map((route) => [route.operationId, route] as const))('%s', (_id, route) => {
  it('the operation lists exactly the errors of its route, by status', () => {
    const { responses } = operationOf(route);
    const codes = Object.keys(responses)
      .filter((status) => Number(status) >= 400)
      .flatMap((status) => {
        const examples = responseOf(responses[status]).content?.['application/problem+json']?.examples ?? {};
        return Object.keys(examples).map((code) => [code, Number(status)]);
      });
    const declared = errorsOf(route).map((code: ErrorCode) => [code, errorTable[code].status]);
    expect(codes.toSorted()).toEqual(declared.toSorted());
  });

  it('the examples of request and response match their schemas', () => {
    const operation = operationOf(route);
    const body = operation.requestBody?.content['application/json'];
    if (route.body)
      expect(
        checker.validate(`${pointerOf(route)}/requestBody/content/application~1json/schema`, body?.example),
      ).toEqual([]);
    for (const [index, { name, required, example }] of (operation.parameters ?? []).entries()) {
      if (required) expect(example, name).toBeDefined();
      if (example === undefined) continue;
      expect(checker.validate(`${pointerOf(route)}/parameters/${index}/schema`, example)).toEqual([]);
    }
    const content = Object.entries(responseOf(operation.responses[successStatus(route)]).content ?? {});
    expect(content[0]?.[1].example !== undefined).toBe(route.redirect === undefined);
    for (const [type, { example }] of content) {
      if (example === undefined) continue;
      expect(
        checker.validate(`${pointerOf(route)}/responses/200/content/${escaped(type)}/schema`, example),
      ).toEqual([]);
    }
  });

  it('the operation requires the token if its route does', () => {
    const security = route.access === 'token' ? [{ token: [] }] : undefined;
    expect(operationOf(route).security).toEqual(security);
  });

  it('the operation lists 304 if clients may revalidate its response', () => {
    const { parameters = [], responses } = operationOf(route);
    const mayAsk = Boolean(route.versioned || route.file);
    expect('304' in responses).toBe(mayAsk);
    expect(parameters.some(({ name }) => name === 'If-None-Match')).toBe(mayAsk);
  });

  it('the query parameters have the defaults of the schema', () => {
    const parameters = (operationOf(route).parameters ?? []).filter((each) => each.in === 'query');
    const parsed = route.query?.safeParse({});
    const defaults = parameters.filter(({ schema }) => schema.default !== undefined);
    for (const { name, schema, required } of defaults) {
      expect(required).toBe(false);
      if (parsed?.success) expect(parsed.data).toMatchObject({ [name]: schema.default });
    }
    const missing = parsed?.error?.issues.map(({ path }) => path[0]) ?? [];
    expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(missing);
  });
});

const GREATEST = Number.MAX_SAFE_INTEGER;

describe('a documented parameter', () => {
  it.each([
    ['recentSales', 'limit', { type: 'integer', minimum: 0, maximum: 10_000, default: 20 }],
    ['readHealth', 'deep', { type: 'boolean', default: false }],
    ['predictDemand', 'days', { type: 'integer', minimum: 1, maximum: GREATEST, default: 7 }],
    ['predictDemand', 'day', { type: 'integer', minimum: -GREATEST, maximum: GREATEST }],
    ['simulatePromotions', 'discount_pct', { type: 'number', minimum: 0, maximum: 100 }],
    ['streamEvents', 'since', { type: 'integer' }],
  ])('the parameter of %s is described as clients send it: %s', (operationId, name, schema) => {
    const route = routes.find((each) => each.operationId === operationId);
    const parameter = route && operationOf(route).parameters?.find((each) => each.name === name);
    expect(parameter?.schema).toEqual(schema);
  });
});

describe('the messages of the event stream', () => {
  it('the messages of the stream are described and match the example', () => {
    const response = responseOf(document.paths['/stream/events']?.get?.responses[200]);
    expect(Object.keys(response['x-messages'] ?? {})).toEqual(['message', 'status', 'opening', 'reset']);
    const text = String(response.content?.['text/event-stream; charset=utf-8']?.example);
    const blocks = text.split('\n\n').filter((block) => block.includes('data: '));
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1] ?? 'message';
      const { $ref = '#' } = response['x-messages']?.[event] ?? {};
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? '';
      expect(checker.validate($ref.slice(1), JSON.parse(data))).toEqual([]);
    }
  });
});
