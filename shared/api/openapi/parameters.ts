import type { RouteDeclaration } from '../route.ts';
import type { OperationExample } from './examples.ts';
import type { Parameter } from './openapi.ts';
import { inputSchema, type JsonSchema } from './schema.ts';

/** What a client may send beside the body: parts of the path, the query, and the tag of an answer that it has. */
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
  description: 'The `ETag` of an answer that the client has; if it still holds, it is not sent again.',
  schema: { type: 'string' },
};

function membersOf(
  { properties = {}, required = [] }: JsonSchema,
  place: 'path' | 'query',
  { parameters = {} }: OperationExample,
): Parameter[] {
  return Object.entries(properties).map(([name, member]) => {
    // The members of an object are schemas of their own; `true` and `false`, the other kind there is, zod doesn't make.
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
