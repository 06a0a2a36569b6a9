import type { RouteDeclaration } from '../shared/api/route.ts';

/** What is invoked by requests, and what holds the state: alike for the stacks and the local host. */
export interface SystemShape {
  readonly httpRoutes: readonly {
    readonly route: Pick<RouteDeclaration, 'method' | 'path'>;
    readonly function: string;
  }[];
  readonly defaultRoute: string;
  readonly functionUrl: { readonly function: string; readonly pathPrefixes: readonly string[] };
  readonly table: {
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly timeToLive: string;
    readonly stream: 'NEW_AND_OLD_IMAGES';
  };
}
