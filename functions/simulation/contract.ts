import type { RouteDeclaration } from '../../shared/http/route.ts';

export const simulationRoutes: readonly RouteDeclaration[] = [];
