import { type Operation, operations } from '../../shared/api/operations.ts';

/** The address of an operation in Swagger UI, which identifies it by this fragment. */
export function docsAddress({ tag, operationId }: Pick<Operation, 'tag' | 'operationId'>): string {
  return `${operations.readDocs.path}#/${tag}/${operationId}`;
}

/** An operation's address with its parameters. */
export function addressOf(
  { path }: { readonly path: string },
  parameters: Readonly<Record<string, string | number>>,
): string {
  const query = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(query)}`;
}
