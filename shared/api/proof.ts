import * as z from 'zod';
import { operations } from './operations.ts';
import { type RouteDeclaration, route } from './route.ts';

const count = z.int().min(0);

export const readProof = route({
  ...operations.readProof,
  summary: 'Whether the current run lost or doubled a sale, counted from event ids',
  description:
    'The ids that each published day must have follow from the data set. They are compared with the ids in `kafka_events`. ' +
    'A run that grew by more than 100,000 sales since the last request is compared over several requests; `verified_days` tells how far.',
  access: 'public',
  response: z.object({
    run_id: z.uuid().nullable().describe('Null before the first init.'),
    accepted_days: count,
    published: count.describe('Sales of the days that Kafka has acknowledged.'),
    stored: count.describe('Rows of the run in `kafka_events`.'),
    distinct: count.describe('Published sales that are stored, each counted once.'),
    under_way: count.describe('Published sales that are not stored yet while Kafka’s consumer is behind.'),
    lost: count.describe('Published sales that are not stored although the consumer has read everything.'),
    doubled: count.describe('Rows that repeat a sale, or that no published day accounts for.'),
    verified_days: count.describe(
      'Days whose ids were compared one by one; others are complete by count, or under way.',
    ),
  }),
  errors: [],
});

export const proofRoutes: readonly RouteDeclaration[] = [readProof];
