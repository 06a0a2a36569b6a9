import * as z from 'zod';

/** How the campaign runs: its short form within `npm test`, or as `npm run test:faults` specifies. */
export const settings = z
  .object({
    FAULTS_FORM: z.enum(['short', 'long']).default('short'),
    FAULTS_SEED: z.coerce.number().int().min(0).default(1),
    FAULTS_ROUNDS: z.coerce.number().int().min(0).default(2),
    /** How long nothing may change while something is still expected. */
    FAULTS_STALL_SECONDS: z.coerce.number().positive().default(120),
  })
  .transform((env) => ({
    isLong: env.FAULTS_FORM === 'long',
    seed: env.FAULTS_SEED,
    rounds: env.FAULTS_ROUNDS,
    stallMs: env.FAULTS_STALL_SECONDS * 1_000,
  }))
  .parse(process.env);
