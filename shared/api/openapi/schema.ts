/** JSON Schemas of the declared ones, as OpenAPI 3.1 takes them: draft 2020-12. */
import * as z from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a client may send: before defaults and conversions. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return jsonSchema(schema, 'input');
}

/** What a client gets. */
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

/** Members may be added to what the API answers, so nobody may rely on there being no others. */
function leaveOpen(schema: JsonSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

/** zod bounds every integer by what a double holds exactly. That matters for what is sent, not for what comes. */
function leaveOutSafeBounds(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** zod says nothing of the defaults of what it converts, and takes a `stringbool` for a string. */
function describeInput(zodSchema: z.core.$ZodTypes, schema: JsonSchema): void {
  const { def } = zodSchema._zod;
  if (def.type === 'default') schema.default = z.json().parse(def.defaultValue);
  if (def.type === 'pipe' && def.out._zod.def.type === 'boolean') schema.type = 'boolean';
}
