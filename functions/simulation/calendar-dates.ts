import { z } from 'zod';
import { MAX_CALENDAR_DAYS } from '../../shared/simulation/state.ts';

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
