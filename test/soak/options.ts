import { parseArgs } from 'node:util';
import * as z from 'zod';

/** What `npm run soak` is asked to do. */
export interface SoakOptions {
  readonly minutes: number;
  readonly viewers: number;
  /** Of all that is left to chance. */
  readonly seed: number;
  /** Of the host; 0 lets the system choose one. */
  readonly port: number;
  /** Whether garbage is collected every minute, so that what is left can be measured. */
  readonly collect: boolean;
  /** Folder of one start: the curves, and what the host said. */
  readonly name: string;
}

const optionsSchema = z.object({
  minutes: z.coerce
    .number()
    .positive()
    .max(24 * 60)
    .default(30),
  viewers: z.coerce.number().int().min(1).max(2_000).default(60),
  seed: z.coerce.number().int().min(0).default(1),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  'no-collection': z.boolean().default(false),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .default(() => new Date().toISOString().replaceAll(/[:.]/g, '-')),
});

/** @throws if an option is unknown or wrong, with its name. */
export function parseSoakOptions(args: string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      minutes: text,
      viewers: text,
      seed: text,
      port: text,
      name: text,
      'no-collection': { type: 'boolean' },
    },
  });
  const { 'no-collection': noCollection, ...options } = optionsSchema.parse(values);
  return { ...options, collect: !noCollection };
}
