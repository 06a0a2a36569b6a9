/** The parts of OpenAPI 3.1 that this document uses. https://spec.openapis.org/oas/v3.1.1.html */
import type { JsonSchema } from './schema.ts';

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

export interface Header {
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

export interface Operation {
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

export type PathItem = Partial<Record<'get' | 'post', Operation>>;

export interface Components {
  readonly schemas: Record<string, JsonSchema>;
  readonly responses: Record<string, ResponseObject>;
  readonly examples: Record<string, Example>;
  readonly headers: Record<string, Header>;
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
