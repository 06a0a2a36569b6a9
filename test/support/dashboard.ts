import { readFileSync } from 'node:fs';
import * as z from 'zod';

const target = z.object({ expr: z.string().min(1), legendFormat: z.string() });
const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(target).min(1) })).min(1),
});

export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
  /** Labels in the legend. */
  readonly legendLabels: readonly string[];
}

/** Every query of the Grafana dashboard. */
export function dashboardQueries(): DashboardQuery[] {
  const { panels } = dashboard.parse(
    JSON.parse(readFileSync('infra/local/monitoring/dashboard.json', 'utf8')),
  );
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => {
      const legendLabels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      return { panel: title, expr, legendLabels };
    }),
  );
}
