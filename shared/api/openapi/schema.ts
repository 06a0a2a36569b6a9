/** JSON Schemas (draft 2020-12, as OpenAPI 3.1 requires) of zod schemas. */
import * as z from 'zod';

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
