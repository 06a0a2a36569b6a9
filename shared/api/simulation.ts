import * as z from 'zod';
import { operations } from './operations.ts';
import { queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

/** A DynamoDB item holds 400 KB; a calendar of this many dates with their counts stays well below. */
export const MAX_CALENDAR_DAYS = 10_000;

/** A simulation's days as a client sends them: dates that exist, each later than the one before. */
export const calendarDates = z
  .array(z.iso.date({ error: wrongDate }))
  .max(MAX_CALENDAR_DAYS)
  .superRefine(requireAscending)
  .describe('Ascending, none twice.')
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
  day_total: z.int().min(0).describe('Sales of the current day, 0 until anybody has said.'),
  day_received: z.int().min(0).describe('Sales of the current day that are stored.'),
  is_running: z.boolean(),
  is_complete: z.boolean().describe('The last day has begun and every sale of the run is stored.'),
  progress_pct: z.number().min(0).max(100).describe('How much of the current day is stored.'),
  run_id: z.uuid().nullable().describe('Null before the first init.'),
});
export type SimulationStatus = z.infer<typeof simulationStatusSchema>;

export const initSimulation = route({
  ...operations.initSimulation,
  summary: 'Register the dates that the simulation goes through',
  description:
    'Dates that are registered already change nothing, so every producer may send them at its start. Others begin a new run.',
  access: 'token',
  body: z.object({ dates: calendarDates }),
  response: z.object({ status: z.literal('ok'), total_days: z.int().min(0).max(MAX_CALENDAR_DAYS) }),
  errors: ['run_replaced'],
});

export const readStatus = route({
  ...operations.readSimulationStatus,
  summary: 'Where the simulation stands',
  access: 'public',
  response: simulationStatusSchema,
  errors: [],
});

export const nextDay = route({
  ...operations.nextDay,
  summary: 'Advance the simulation',
  description: 'However many callers press at once, each accepted call takes days of its own.',
  access: 'token',
  query: z.object({
    days: queryInteger(z.int().min(1).describe('How many days; near the end what is left is taken.')).default(
      1,
    ),
  }),
  response: z.object({
    status: z.literal('ok'),
    current_day: z.iso.date().meta({ examples: ['2022-01-01'] }),
    day_index: z.int().min(0),
    days: z.int().min(1).describe('How many days this call took.'),
    run_id: z.uuid().describe('A new run begins with every reset and every other calendar.'),
  }),
  errors: ['not_initialized', 'all_days_completed', 'run_replaced'],
});

export const resetSimulation = route({
  ...operations.resetSimulation,
  summary: 'Begin a new run before the first day',
  access: 'token',
  response: z.object({ status: z.literal('reset') }),
  errors: [],
});

export const declareDayTotal = route({
  ...operations.declareDayTotal,
  summary: 'Say how many sales the current day has',
  description: 'Kept for old producers. It is shown until the true number is known, and decides nothing.',
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
