import * as z from 'zod';
import { route } from '../../../shared/api/route.ts';

/** What everything that asks MySQL costs at least: the same way as an analysis, for nothing. */
export const selectOne = route({
  method: 'GET',
  path: '/bench/select-one',
  operationId: 'selectOne',
  summary: 'Ask MySQL for a one',
  access: 'public',
  response: z.object({ one: z.literal(1) }),
  errors: [],
});
