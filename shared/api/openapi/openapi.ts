/** The parts of OpenAPI 3.1 that this document uses. https://spec.openapis.org/oas/v3.1.1.html */
import * as z from 'zod';

export interface Reference {
  readonly $ref: `#/components/${string}`;
}

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface MediaType {
  readonly schema: JsonSchema | Reference;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example | Reference>>;
}

export interface HeaderObject {
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
  /** The messages of an event stream by event name; OpenAPI 3.1 can't describe them. */
  readonly 'x-messages'?: Readonly<Record<string, Reference>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, MediaType>> };
  /** By status. */
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>;
}

export type PathItem = Partial<Record<'get' | 'post', OperationObject>>;

export interface Components {
  readonly schemas: Record<string, JsonSchema>;
  readonly responses: Record<string, ResponseObject>;
  readonly examples: Record<string, Example>;
  readonly headers: Record<string, HeaderObject>;
  readonly securitySchemes: Record<string, { type: 'http'; scheme: 'bearer'; description: string }>;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Components;
}

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 requires. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The schema of what clients may send: before defaults and conversions. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return jsonSchema(schema, 'input');
}

/** The schema of what clients receive. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  return jsonSchema(schema, 'output');
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema: made }) => {
      leaveOpen(made);
      if (made.format === 'date') delete made.pattern;
      if (io === 'input') describeInput(zodSchema, made);
      else leaveOutSafeBounds(made);
    },
  });
  return rest;
}

/** Members may be added to responses, so clients must not rely on there being no others. */
function leaveOpen(schema: JsonSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

/** zod bounds every integer to what a double represents exactly, which says nothing about responses. */
function leaveOutSafeBounds(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** zod omits the defaults of converted values, and describes a `stringbool` as a string. */
function describeInput(zodSchema: z.core.$ZodTypes, schema: JsonSchema): void {
  const { def } = zodSchema._zod;
  if (def.type === 'default') schema.default = z.json().parse(def.defaultValue);
  if (def.type === 'pipe' && def.out._zod.def.type === 'boolean') schema.type = 'boolean';
}
