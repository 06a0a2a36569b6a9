import * as z from 'zod';

/** Which methods each path of the HTTP API takes. */
export type RouteTable = ReadonlyMap<string, readonly string[]>;

const routes = z.record(z.string().startsWith('/'), z.array(z.string().regex(/^[A-Z]+$/)).min(1));

/** The routes of all functions as JSON, `{"/health":["GET"]}`: what 404, 405 and a redirect are told apart by. */
export const routeSettings = z.object({
  ROUTES: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' });
        return z.NEVER;
      }
    })
    .pipe(routes)
    .transform((table): RouteTable => new Map(Object.entries(table))),
});
