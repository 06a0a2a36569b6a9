import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { errorsOf, type RouteDeclaration, successStatus } from '../route.ts';
import {
  type Components,
  inputSchema,
  type JsonSchema,
  type MediaType,
  type OperationObject,
  outputSchema,
  type Parameter,
  type Reference,
  type ResponseObject,
} from './openapi.ts';
import { headerReferences, problemResponses } from './problem.ts';

/** The name of the security scheme. */
export const TOKEN = 'token';

/** Describes a declared route. Adds its schemas and error responses to `components`. */
export function operationOf(route: RouteDeclaration, components: Components): OperationObject {
  const { operationId, tag, summary, description, access, body } = route;
  const example = exampleOf(operationId);
  const parameters = parametersOf(route, example);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(access === 'token' ? { security: [{ [TOKEN]: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: jsonContent(inputSchema(body), example.body) } }
      : {}),
    responses: {
      [successStatus(route)]: successResponse(route, example, components),
      ...(route.versioned || route.file ? { 304: notModified } : {}),
      ...problemResponses(errorsOf(route), components, { page: route.page }),
    },
  };
}

const notModified: ResponseObject = {
  description: 'The client’s copy is still current.',
  headers: headerReferences(['traceparent', 'ETag', 'Cache-Control']),
};

function successResponse(
  route: RouteDeclaration,
  example: OperationExample,
  components: Components,
): ResponseObject {
  const { file, text, versioned, messages, redirect, response } = route;
  if (redirect)
    return { description: `To ${redirect}.`, headers: headerReferences(['traceparent', 'Location']) };
  const tagged = versioned || file ? ['ETag', 'Cache-Control'] : [];
  const answersJson = response.type !== 'never';
  return {
    description: file?.description ?? 'Success.',
    headers: headerReferences(['traceparent', ...tagged]),
    content: {
      ...(answersJson ? answerContent(route, example, components) : {}),
      ...(text ? { [text.contentType]: textType(text.description, example.text) } : {}),
      ...(file ? fileContent(file.contentTypes, example) : {}),
    },
    ...(messages ? { 'x-messages': messageReferences(messages, components) } : {}),
  };
}

function answerContent(
  { operationId, response }: RouteDeclaration,
  example: OperationExample,
  components: Components,
): Record<string, MediaType> {
  const schema = storedSchema(`${capitalized(operationId)}Answer`, outputSchema(response), components);
  return jsonContent(schema, example.response);
}

/** Files are described by their media type alone. The example is of the first type. */
function fileContent(
  contentTypes: readonly string[],
  { response, text }: OperationExample,
): Record<string, MediaType> {
  const types = contentTypes.map((type, index): [string, MediaType] => {
    const schema: JsonSchema = type === 'application/json' ? { type: 'object' } : {};
    return [type, index === 0 ? { schema, example: response ?? text } : { schema }];
  });
  return Object.fromEntries(types);
}

function textType(description: string, example: string | undefined): MediaType {
  return { schema: { type: 'string', description }, ...(example === undefined ? {} : { example }) };
}

function messageReferences(
  messages: NonNullable<RouteDeclaration['messages']>,
  components: Components,
): Record<string, Reference> {
  return Object.fromEntries(
    Object.entries(messages).map(([event, schema]) => [
      event,
      storedSchema(`${capitalized(event)}Event`, outputSchema(schema), components),
    ]),
  );
}

function jsonContent(schema: JsonSchema | Reference, example: unknown): Record<string, MediaType> {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } };
}

/** Stores a schema under a name, so that generated clients have a type of that name. */
function storedSchema(name: string, schema: JsonSchema, components: Components): Reference {
  components.schemas[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A request's inputs apart from the body: path, query, and the entity tag of a cached response. */
export function parametersOf(
  { params, query, versioned, file }: Pick<RouteDeclaration, 'params' | 'query' | 'versioned' | 'file'>,
  example: OperationExample,
): Parameter[] {
  return [
    ...(params ? membersOf(inputSchema(params), 'path', example) : []),
    ...(query ? membersOf(inputSchema(query), 'query', example) : []),
    ...(versioned || file ? [ifNoneMatch] : []),
  ];
}

const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: '`ETag` of a cached response; if that is still current, the answer is 304 without a body.',
  schema: { type: 'string' },
};

function membersOf(
  { properties = {}, required = [] }: JsonSchema,
  place: 'path' | 'query',
  { parameters = {} }: OperationExample,
): Parameter[] {
  return Object.entries(properties).map(([name, member]) => {
    // JSON Schema also allows `true` and `false` for members, which zod never generates.
    const { description, ...schema } = typeof member === 'boolean' ? {} : member;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(name in parameters ? { example: parameters[name] } : {}),
    };
  });
}

/** A recorded request and response of an operation; long lists are truncated. */
const operationExample = z.strictObject({
  /** Parameters of path and query, by name. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  body: z.json().optional(),
  /** The JSON of a 200. */
  response: z.json().optional(),
  /** The text of a 200. */
  text: z.string().optional(),
});
type OperationExample = z.infer<typeof operationExample>;

/** The example of an operation; empty if there is none. */
export function exampleOf(operationId: string): OperationExample {
  const file = new URL(`./examples/${operationId}.json`, import.meta.url);
  return existsSync(file) ? operationExample.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}
