import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';

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
export type OperationExample = z.infer<typeof operationExample>;

/** The example of an operation; empty if there is none. */
export function exampleOf(operationId: string): OperationExample {
  const file = new URL(`./examples/${operationId}.json`, import.meta.url);
  return existsSync(file) ? operationExample.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}
