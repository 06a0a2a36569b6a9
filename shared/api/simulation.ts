import * as z from 'zod';
import { operations } from './operations.ts';
import { queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

/** A calendar is one DynamoDB item, at most 400 KB; this many dates with their counts are well below that. */
export const MAX_CALENDAR_DAYS = 10_000;

/** A simulation's days as a client sends them: valid dates, each later than the one before. */
export const calendarDates = z
  .array(z.iso.date({ error: wrongDate }))
  .max(MAX_CALENDAR_DAYS)
  .superRefine(requireAscending)
  .describe('Ascending, without duplicates.')
  .meta({ examples: [['2022-01-01', '2022-01-02']] });

function wrongDate({ input }: { input: unknown }): string {
  return `expected a date as "YYYY-MM-DD", not ${JSON.stringify(input)?.slice(0, 40)}`;
}

function requireAscending(dates: readonly string[], context: z.RefinementCtx): void {
  for (const [index, date] of dates.entries()) {
    const before = dates[index - 1];
    if (before === undefined || date > before) continue;
    context.addIssue({ code: 'custom', path: [index], message: `must be later than ${before} before it` });
  }
}

/** The answer of `GET /simulation/status`, and the data of the stream's `status` messages. */
export const simulationStatusSchema = z.object({
  current_day: z.iso
    .date()
    .nullable()
    .describe('Null before the first day.')
    .meta({ examples: ['2022-01-01'] }),
  day_index: z.int().min(-1).describe('Index of the current day; -1 before the first.'),
  total_days: z.int().min(0),
  day_total: z.int().min(0).describe('Sales of the current day; 0 while unknown.'),
  day_received: z.int().min(0).describe('Stored sales of the current day.'),
  is_running: z.boolean().describe('Whether the run has begun: its first day has been accepted.'),
  is_complete: z.boolean().describe('The last day has been accepted and every sale of the run is stored.'),
  progress_pct: z
    .number()
    .min(0)
    .max(100)
    .describe('Share of the current day’s sales that are stored, in percent.'),
  run_id: z.uuid().nullable().describe('Null before the first init.'),
});
export type SimulationStatus = z.infer<typeof simulationStatusSchema>;

export const initSimulation = route({
  ...operations.initSimulation,
  summary: 'Register the simulation’s dates',
  description:
    'Dates that are already registered change nothing, so a producer may send them whenever it starts. Other dates start a new run.',
  access: 'token',
  body: z.object({ dates: calendarDates }),
  response: z.object({ status: z.literal('ok'), total_days: z.int().min(0).max(MAX_CALENDAR_DAYS) }),
  errors: ['run_replaced'],
});

export const readStatus = route({
  ...operations.readSimulationStatus,
  summary: 'Current state of the simulation',
  access: 'public',
  response: simulationStatusSchema,
  errors: [],
});

export const nextDay = route({
  ...operations.nextDay,
  summary: 'Advance the simulation',
  description: 'Concurrent calls never share a day: each accepted call advances by days of its own.',
  access: 'token',
  query: z.object({
    days: queryInteger(z.int().min(1).describe('Number of days; near the end, as many as remain.')).default(
      1,
    ),
  }),
  response: z.object({
    status: z.literal('ok'),
    current_day: z.iso.date().meta({ examples: ['2022-01-01'] }),
    day_index: z.int().min(0),
    days: z.int().min(1).describe('Number of days that this call advanced.'),
    run_id: z.uuid().describe('A reset or another calendar starts a new run.'),
  }),
  errors: ['not_initialized', 'all_days_completed', 'run_replaced'],
});

export const resetSimulation = route({
  ...operations.resetSimulation,
  summary: 'Start a new run before the first day',
  access: 'token',
  response: z.object({ status: z.literal('reset') }),
  errors: [],
});

export const declareDayTotal = route({
  ...operations.declareDayTotal,
  summary: 'Declare how many sales the current day has',
  description: 'Kept for old producers. Shown until the true number is known; otherwise without effect.',
  access: 'token',
  body: z.object({
    total: z
      .int()
      .min(0)
      .meta({ examples: [100] }),
  }),
  response: z.object({ status: z.literal('ok') }),
  errors: [],
});

export const simulationRoutes: readonly RouteDeclaration[] = [
  initSimulation,
  readStatus,
  nextDay,
  resetSimulation,
  declareDayTotal,
];
