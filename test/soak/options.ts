import { parseArgs } from 'node:util';
import * as z from 'zod';

/** Options of `npm run soak`. */
export interface SoakOptions {
  readonly minutes: number;
  readonly viewers: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** The host's port; 0 lets the system choose. */
  readonly port: number;
  /** Whether to collect garbage every minute, so that live memory can be measured. */
  readonly collect: boolean;
  /** Folder for the curves and the host's log. */
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

/** @throws naming an option that is unknown or invalid. */
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
