import type { RouteDeclaration } from '../../shared/http/route.ts';

export const systemRoutes: readonly RouteDeclaration[] = [];
