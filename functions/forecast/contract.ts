import { z } from 'zod';
import { MAX_HORIZON } from '../../shared/forecast/models/forecast-model.ts';
import { MODEL_NAMES } from '../../shared/forecast/models/models.ts';
import { productId, storeId } from '../../shared/history/answer-fields.ts';
import { dayParameter } from '../../shared/history/day-scope.ts';
import { queryInteger } from '../../shared/http/query.ts';
import { type RouteDeclaration, route } from '../../shared/http/route.ts';
import { backtestAnswerSchema, forecastAnswerSchema } from './answer-schemas.ts';
import { levelParameter } from './level-parameter.ts';

/** A chart of more days has less than a pixel for each. */
const MAX_HISTORY = 1_000;

export const forecastDemand = route({
  method: 'GET',
  path: '/demand/forecast',
  operationId: 'forecastDemand',
  summary: 'Forecast the next days of a store and product, with intervals and how far to trust them',
  access: 'public',
  query: z.object({
    store_id: storeId,
    product_id: productId,
    horizon: queryInteger(z.int().min(1).max(MAX_HORIZON).describe('Days ahead.')).default(7),
    day: dayParameter,
    level: levelParameter,
    model: z
      .enum(['auto', ...MODEL_NAMES])
      .default('auto')
      .describe('`auto` takes the model that did best on the past.'),
    history: queryInteger(
      z.int().min(0).max(MAX_HISTORY).describe('How many of the last known days are told as well.'),
    ).default(0),
  }),
  response: forecastAnswerSchema,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const backtestDemand = route({
  method: 'GET',
  path: '/demand/backtest',
  operationId: 'backtestDemand',
  summary: 'How well every model would have forecast a product in the past, store by store',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: backtestAnswerSchema,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const forecastRoutes: readonly RouteDeclaration[] = [forecastDemand, backtestDemand];
