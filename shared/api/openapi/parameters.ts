import type { RouteDeclaration } from '../route.ts';
import type { OperationExample } from './examples.ts';
import type { Parameter } from './openapi.ts';
import { inputSchema, type JsonSchema } from './schema.ts';

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
