import { type Operation, operations } from '../../shared/api/operations.ts';

const PAGE_PATH = operations.readLivePage.path;

/** The path in front of all others, if a proxy serves this page under one: this page knows it from its own address. */
const basePath = baseOf(globalThis.location?.pathname ?? '');

/** What a page's path has in front of the one that the API declares: `/shop` of `/shop/stream/live`. */
export function baseOf(pathname: string): string {
  const path = pathname.replace(/\/$/, '');
  return path.endsWith(PAGE_PATH) ? path.slice(0, -PAGE_PATH.length) : '';
}

/** Where this page finds a path of the API. */
export function placed(path: string): string {
  return basePath + path;
}

/** The address of an operation in Swagger UI, which identifies it by this fragment. */
export function docsAddress({ tag, operationId }: Pick<Operation, 'tag' | 'operationId'>): string {
  return `${placed(operations.readDocs.path)}#/${tag}/${operationId}`;
}

/** An operation's address with its parameters. */
export function addressOf(
  { path }: { readonly path: string },
  parameters: Readonly<Record<string, string | number>>,
): string {
  const query = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(query)}`;
}
