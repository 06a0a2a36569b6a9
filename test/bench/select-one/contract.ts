import * as z from 'zod';
import { route } from '../../../shared/api/route.ts';

/** The minimum cost of a MySQL request: the same path as an analysis, without its work. */
export const selectOne = route({
  method: 'GET',
  path: '/bench/select-one',
  tag: 'test',
  operationId: 'selectOne',
  summary: 'Ask MySQL for a one',
  access: 'public',
  response: z.object({ one: z.literal(1) }),
  errors: [],
});
