import { z } from 'zod';

/** The levels of the intervals in percent, where nobody asks for others. */
export const DEFAULT_LEVELS = [80, 95] as const;

const MAX_LEVELS = 5;

const level = z.number().gt(0).lt(100);

/** The query parameter `level`: up to five levels in percent, separated by commas. */
export const levelParameter = z
  .string()
  .regex(/^\s*\d+(\.\d+)?\s*(,\s*\d+(\.\d+)?\s*)*$/, 'expected numbers separated by commas, such as 80,95')
  .transform((text) => [...new Set(text.split(',').map(Number))])
  .pipe(z.array(level).max(MAX_LEVELS))
  .prefault(DEFAULT_LEVELS.join())
  .describe(`Levels of the intervals in percent, between 0 and 100; at most ${MAX_LEVELS}.`);
