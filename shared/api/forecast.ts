import * as z from 'zod';
import {
  FORECAST_LEVELS,
  type ForecastLevel,
  MAX_HORIZON,
  MAX_PAIRS,
  MAX_PRICE,
  MODEL_NAMES,
  type ModelParameters,
  RECONCILIATIONS,
} from './forecast-models.ts';
import { operations } from './operations.ts';
import { analysisUpToDay, dayParameter, productId, queryInteger, storeId } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

const model = z.enum(MODEL_NAMES);
const intervalLevel = z.number().gt(0).lt(100).describe('Percent.');
const days = z.int().min(1);
const units = z.number().min(0);
/** Null where the history is too short or constant. */
const measure = z.number().min(0).nullable();

const accuracyTable = z
  .array(
    z.object({
      model,
      rmsse: measure.describe('Root mean squared error relative to the naive forecast “as yesterday”.'),
      mase: measure.describe('Mean absolute error relative to the seasonal naive forecast “as a week ago”.'),
      smape: measure.describe('Symmetric mean absolute percentage error, 0 to 200.'),
      bias: z
        .number()
        .nullable()
        .describe('Mean of forecast minus actual, in units; above 0 is over-forecasting.'),
      coverage: z.array(
        z.object({
          level: intervalLevel,
          covered_pct: measure.describe(
            'Share of past intervals of this level that contained the actual value, recent weeks weighted more: an estimate for the coming weeks.',
          ),
        }),
      ),
    }),
  )
  .describe('The simplest model first. An undefined measure is null.');

const windows = z.int().min(0).describe('Number of forecast origins in the history.');
const backtestHorizon = days.describe('Days ahead that were evaluated.');

/** Parameters of a model; those of a combination under the names of its members. */
const parameters: z.ZodType<ModelParameters, ModelParameters> = z.record(
  z.string(),
  z.union([z.number(), z.record(z.string(), z.number())]),
);

const forecastLevel = z
  .enum(FORECAST_LEVELS)
  .describe('One product in one store (`item`), or a sum: a `store`, a `product` in all stores, or `all`.');

const forecastStep = z.object({
  day: days.describe('1 is the day after the last known one.'),
  date: z.iso.date(),
  forecast_units: units,
  intervals: z
    .array(z.object({ level: intervalLevel, lower: units, upper: units }))
    .describe(
      'Conformal: quantiles of the backtest’s signed errors, at the current scale of the series. Each bound is a service level: actual values are above `upper` as often as below `lower`.',
    ),
});

/** A forecast of one store and product, or of a sum of them. */
const forecastAnswerSchema = z.object({
  level: forecastLevel,
  store_id: storeId.nullable().describe('Null for a sum over stores.'),
  product_id: productId.nullable().describe('Null for a sum over products.'),
  analysis_up_to_day: analysisUpToDay,
  history_days_used: days.describe(
    'Days used for training, from the first date with a sale to the last date; a date without a row counts as 0 units.',
  ),
  horizon: days,
  reconciliation: z
    .enum(RECONCILIATIONS)
    .nullable()
    .describe(
      'How the forecasts of all levels were made to agree: `bottom_up` keeps those of single products in single stores and adds them up; `mint` moves all of them by how their errors vary together. Forecasts with the same method agree to the cent. Null for a forecast of its own: without reconciliation, or under a plan.',
    ),
  reconciliation_backtest: z
    .object({
      windows: z
        .int()
        .min(0)
        .describe('Origins on which the methods were compared; 0 on too short a history.'),
      methods: z.array(
        z.object({
          method: z.enum(RECONCILIATIONS),
          rmsse: measure.describe('Mean over the levels; the method with the lower one is the default.'),
          levels: z.array(
            z.object({ level: forecastLevel, rmsse: measure.describe('Mean over the series.') }),
          ),
        }),
      ),
    })
    .optional()
    .describe('Only if a level was asked for, with reconciliation.'),
  model: model.describe(
    'The requested model. `auto` is the combination, or TSB for intermittent demand, unless another model was clearly better in the backtest. The backtest knows at each origin what is known now: what was really offered on planned days, the last known offer on others.',
  ),
  excluded_models: z
    .array(z.object({ model, reason: z.string() }))
    .describe('Models that `auto` can’t select for this series, and why.')
    .meta({ examples: [[{ model: 'regression', reason: 'Price and promotion never changed.' }]] }),
  warnings: z
    .array(z.string())
    .describe(
      'What a plan asks that the history can’t answer, in sentences: a net price or a promotion that was never seen, or a model that ignores the plan.',
    ),
  parameters: parameters.describe('Estimated on the whole history.'),
  forecast: z.array(
    forecastStep.extend({
      offer: z
        .object({
          net_price: z.number().min(0),
          promotion: z.boolean(),
          planned: z.boolean().describe('False if it is the last known offer.'),
        })
        .nullable()
        .describe('What customers are assumed to be offered; null if the data set has no prices.'),
    }),
  ),
  series: z
    .array(
      z.object({
        level: forecastLevel,
        store_id: storeId.nullable(),
        product_id: productId.nullable(),
        model,
        forecast: z.array(forecastStep),
      }),
    )
    .optional()
    .describe(
      'Only if a level was asked for, with reconciliation: the series and the products in stores that it is the sum of; for `all` every store and product as well.',
    ),
  baseline: z
    .object({
      model,
      rmsse: measure,
      improvement_pct: z.number().nullable().describe('How much lower the forecast’s error is, in percent.'),
    })
    .describe('The model that the forecast is compared with.'),
  backtest: z.object({ windows, horizon: backtestHorizon, models: accuracyTable }),
  history: z
    .array(z.object({ date: z.iso.date(), units_sold: units }))
    .describe('The last known days, as many as requested; a date without a row has 0 units.'),
});

/** How accurately each model would have forecast a product. */
const backtestAnswerSchema = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  horizon: backtestHorizon,
  models: accuracyTable.describe('Means over the stores in which a measure is defined.'),
  stores: z
    .array(z.object({ store_id: storeId, history_days_used: days, windows, models: accuracyTable }))
    .describe('Ascending by id.'),
  skipped_stores: z.array(storeId).describe('Stores whose history is too short.'),
});

/** Default levels of the intervals, in percent. */
export const DEFAULT_LEVELS = [80, 95] as const;

const MAX_LEVELS = 5;

const levelPercent = z.number().gt(0).lt(100);

/** Levels of intervals in percent, at most five, separated by commas. */
const PERCENTS = String.raw`\s*\d+(\.\d+)?\s*(,\s*\d+(\.\d+)?\s*)*`;

/** The query parameter `level` of a forecast under a plan: `item`, levels of intervals, or both. */
const planLevelParameter = z
  .string()
  .regex(
    new RegExp(`^(\\s*item\\s*|(\\s*item\\s*,)?${PERCENTS})$`),
    'a plan is for one product in one store: expected item or numbers separated by commas, such as 80,95 or item,80,95',
  )
  .transform((text) => [...readLevel(text).percents])
  .pipe(z.array(levelPercent).max(MAX_LEVELS))
  .prefault(DEFAULT_LEVELS.join())
  .describe(
    `Levels of the intervals in percent, between 0 and 100; at most ${MAX_LEVELS}. \`item\` may stand before them: a plan is for one product in one store.`,
  );

const NAMES = FORECAST_LEVELS.join('|');

/** The query parameter `level` of forecasts of any level: its name, levels of intervals, or the name and then those. */
const levelParameter = z
  .string()
  .regex(new RegExp(`^(\\s*(${NAMES})\\s*|(\\s*(${NAMES})\\s*,)?${PERCENTS})$`), {
    error: `expected ${FORECAST_LEVELS.join(', ')} or numbers separated by commas, such as store or store,80,95`,
    abort: true,
  })
  .superRefine((text, context) => {
    const checked = z.array(levelPercent).max(MAX_LEVELS).safeParse(readLevel(text).percents);
    for (const { path, message } of checked.error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .default(DEFAULT_LEVELS.join())
  .describe(
    `What to forecast: \`store\` needs \`store_id\`, \`product\` needs \`product_id\`, \`item\` both, \`all\` none; without a name it is one item, whose own forecast is kept (bottom-up). With a name the data set may have at most ${MAX_PAIRS} products in stores. After it, or alone, levels of the intervals in percent, between 0 and 100; at most ${MAX_LEVELS}: \`store,80,95\`.`,
  );

/** What a query parameter `level` asks for. */
export interface RequestedLevel {
  readonly name: ForecastLevel | undefined;
  /** Of the intervals. */
  readonly percents: readonly number[];
}

/** Reads a valid query parameter `level`. */
export function readLevel(text: string): RequestedLevel {
  const [first = '', ...others] = text.split(',').map((part) => part.trim());
  const name = FORECAST_LEVELS.find((each) => each === first);
  if (name === undefined) return { name, percents: percentsOf(text) };
  return { name, percents: others.length > 0 ? percentsOf(others.join()) : DEFAULT_LEVELS };
}

function percentsOf(text: string): number[] {
  return [...new Set(text.split(',').map(Number))];
}

/** A chart of more days would have less than a pixel per day. */
const MAX_HISTORY = 1_000;

const planQuery = z.object({
  store_id: storeId,
  product_id: productId,
  horizon: queryInteger(z.int().min(1).max(MAX_HORIZON).describe('Days to forecast.')).default(7),
  day: dayParameter,
  level: planLevelParameter,
  model: z
    .enum(['auto', ...MODEL_NAMES])
    .default('auto')
    .describe('`auto` selects the combination unless another model was clearly better in the backtest.'),
  history: queryInteger(
    z.int().min(0).max(MAX_HISTORY).describe('Number of last known days to include.'),
  ).default(0),
});
export type PlanQuery = z.output<typeof planQuery>;

const forecastQuery = planQuery.extend({
  store_id: storeId.optional().describe('Needed for an item or a store.'),
  product_id: productId.optional().describe('Needed for an item or a product.'),
  level: levelParameter,
  reconciliation: z
    .enum(['auto', 'none', ...RECONCILIATIONS])
    .default('auto')
    .describe(
      'Only with the name of a level. `auto` is the method that was better in the backtest. `none` forecasts the one series for itself, much faster, and it need not agree with others.',
    ),
});
export type ForecastQuery = z.output<typeof forecastQuery>;

export const forecastDemand = route({
  ...operations.forecastDemand,
  summary: 'Forecast demand for a store and product, or any sum of them, with calibrated intervals',
  access: 'public',
  query: forecastQuery,
  response: forecastAnswerSchema,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

/** Planned offers, each date once. */
const planDays = z
  .array(
    z.object({
      date: z.iso.date().describe('One of the days to forecast.'),
      price: z.number().min(0.01).max(MAX_PRICE).describe('List price.'),
      discount: z.number().min(0).max(99).describe('Percent of the list price.'),
      promotion: z.boolean(),
    }),
  )
  .min(1)
  .max(MAX_HORIZON)
  .superRefine((days, context) => {
    for (const [index, { date }] of days.entries()) {
      if (days.findIndex((day) => day.date === date) === index) continue;
      context.addIssue({ code: 'custom', path: [index, 'date'], message: `${date} is planned twice` });
    }
  })
  .describe('Days that are left out keep the last known offer.');
export type PlanDay = z.output<typeof planDays>[number];

export const forecastPlan = route({
  ...operations.forecastPlan,
  summary: 'Forecast demand for a store and product under planned prices and promotions',
  description:
    'Reads only, although it is a POST. The backtest of the model `regression` knows what was really offered on the planned days, so the answer says how accurate a forecast with a plan is.',
  access: 'public',
  query: planQuery,
  body: z.object({ days: planDays }),
  response: forecastAnswerSchema,
  errors: ['invalid_day', 'not_found'],
});

export const backtestDemand = route({
  ...operations.backtestDemand,
  summary: 'Accuracy of every model on a product’s history, per store',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: backtestAnswerSchema,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const forecastRoutes: readonly RouteDeclaration[] = [forecastDemand, forecastPlan, backtestDemand];
