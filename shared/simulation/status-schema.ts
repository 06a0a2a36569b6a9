import { z } from 'zod';
import type { SimulationStatus } from './status.ts';

/** The simulation's status as clients get it. */
export const simulationStatusSchema = z.object({
  current_day: z.iso
    .date()
    .nullable()
    .describe('Null before the first day.')
    .meta({ examples: ['2022-01-01'] }),
  day_index: z.int().min(-1).describe('Index of the current day; -1 before the first.'),
  total_days: z.int().min(0),
  day_total: z.int().min(0).describe('Sales of the current day, 0 until anybody has said.'),
  day_received: z.int().min(0).describe('Sales of the current day that are stored.'),
  is_running: z.boolean(),
  is_complete: z.boolean().describe('The last day has begun and every sale of the run is stored.'),
  progress_pct: z.number().min(0).max(100).describe('How much of the current day is stored.'),
  run_id: z.uuid().nullable().describe('Null before the first init.'),
}) satisfies z.ZodType<SimulationStatus>;
