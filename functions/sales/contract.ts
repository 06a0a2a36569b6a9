import type { RouteDeclaration } from '../../shared/http/route.ts';

export const salesRoutes: readonly RouteDeclaration[] = [];
