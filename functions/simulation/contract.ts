import { z } from 'zod';
import { queryInteger } from '../../shared/http/query.ts';
import { type RouteDeclaration, route } from '../../shared/http/route.ts';
import { MAX_CALENDAR_DAYS } from '../../shared/simulation/state.ts';
import { simulationStatusSchema } from '../../shared/simulation/status-schema.ts';
import { calendarDates } from './calendar-dates.ts';

export const initSimulation = route({
  method: 'POST',
  path: '/simulation/init',
  operationId: 'initSimulation',
  summary: 'Register the dates that the simulation goes through',
  description:
    'Dates that are registered already change nothing, so every producer may send them at its start. Others begin a new run.',
  access: 'token',
  body: z.object({ dates: calendarDates }),
  response: z.object({ status: z.literal('ok'), total_days: z.int().min(0).max(MAX_CALENDAR_DAYS) }),
  errors: ['run_replaced'],
});

export const readStatus = route({
  method: 'GET',
  path: '/simulation/status',
  operationId: 'readSimulationStatus',
  summary: 'Where the simulation stands',
  access: 'public',
  response: simulationStatusSchema,
  errors: [],
});

export const nextDay = route({
  method: 'POST',
  path: '/simulation/next-day',
  operationId: 'nextDay',
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
  method: 'POST',
  path: '/simulation/reset',
  operationId: 'resetSimulation',
  summary: 'Begin a new run before the first day',
  access: 'token',
  response: z.object({ status: z.literal('reset') }),
  errors: [],
});

export const declareDayTotal = route({
  method: 'POST',
  path: '/simulation/day-total',
  operationId: 'declareDayTotal',
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
