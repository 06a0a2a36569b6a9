import { analyticsRoutes } from './analytics.ts';
import { forecastRoutes } from './forecast.ts';
import { liveRoutes } from './live.ts';
import { optimizeRoutes } from './optimize.ts';
import type { RouteDeclaration } from './route.ts';
import { salesRoutes } from './sales.ts';
import { simulationRoutes } from './simulation.ts';
import { systemRoutes } from './system.ts';

/** Every declared route. Which function answers each is the business of `infra/system.ts`. */
export const allRoutes: readonly RouteDeclaration[] = [
  ...simulationRoutes,
  ...salesRoutes,
  ...analyticsRoutes,
  ...forecastRoutes,
  ...optimizeRoutes,
  ...systemRoutes,
  ...liveRoutes,
];
