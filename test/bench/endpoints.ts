/** Requests of the analytics bench: each endpoint with new parameters every time, and with the same ones repeatedly. */
import { SUMMARY_GROUPS } from '../../shared/api/sales-summary.ts';
import type { LoadRequest } from './load-generator.ts';

export interface Endpoint {
  /** Prefix of the figures' names. */
  readonly name: string;
  /** Its name in the table. */
  readonly title: string;
  readonly method: LoadRequest['method'];
  /**
   * The path of the n-th request; different for up to some thousand numbers. Where an endpoint has no parameters that matter,
   * the same request is computed each time.
   */
  readonly path: (question: number, runId: string) => string;
  /** Whether requests with new parameters exist. */
  readonly hasCutoff: boolean;
  /** Whether a request takes a tenth of a second on a busy machine. */
  readonly takesLong?: true;
  /** Goals in multiples of `SELECT 1`, where they aren't 3 and, for the same request again, 1.2. */
  readonly atMost?: { readonly cold?: number; readonly warm?: number };
}

const FIRST_DAY = 60;
const DAYS = 670;
const pad = (number: number, length: number) => String(number).padStart(length, '0');

/** Another product with each request, another day after all products. */
function scope(question: number): string {
  const product = `P${pad((question % 20) + 1, 4)}`;
  return `product_id=${product}&day=${FIRST_DAY + (Math.floor(question / 20) % DAYS)}`;
}

function storeScope(question: number): string {
  return `store_id=S${pad((question % 5) + 1, 3)}&${scope(question)}`;
}

const byCutoff: readonly Endpoint[] = [
  {
    name: 'predict',
    title: '/demand/predict',
    method: 'GET',
    path: (question) => `/demand/predict?${storeScope(question)}`,
    hasCutoff: true,
  },
  {
    name: 'price',
    title: '/price/sensitivity',
    method: 'GET',
    path: (question) => `/price/sensitivity?${scope(question)}`,
    hasCutoff: true,
  },
  {
    name: 'promotions',
    title: '/promotions/simulate',
    method: 'GET',
    path: (question) => `/promotions/simulate?discount_pct=10&${scope(question)}`,
    hasCutoff: true,
  },
  {
    name: 'forecast',
    title: '/demand/forecast',
    method: 'GET',
    path: (question) => `/demand/forecast?${storeScope(question)}`,
    hasCutoff: true,
  },
  {
    name: 'optimize',
    title: '/optimize/demand',
    method: 'POST',
    path: (question) => `/optimize/demand?n_trials=20&${storeScope(question)}`,
    hasCutoff: true,
    atMost: { warm: 4 },
  },
];

const summaries = SUMMARY_GROUPS.map(
  (by): Endpoint => ({
    name: `summary_${by}`,
    title: `/sales/summary?by=${by}`,
    method: 'GET',
    path: () => `/sales/summary?by=${by}`,
    hasCutoff: false,
  }),
);

export const endpoints: readonly Endpoint[] = [
  ...byCutoff,
  {
    name: 'recent',
    title: '/sales/recent',
    method: 'GET',
    path: () => '/sales/recent',
    hasCutoff: false,
  },
  {
    name: 'combo',
    title: '/sales/valid-combo',
    method: 'GET',
    path: () => '/sales/valid-combo',
    hasCutoff: false,
  },
  ...summaries,
  {
    name: 'days',
    title: '/simulation/runs/{run_id}/days',
    method: 'GET',
    path: (_question, runId) => `/simulation/runs/${runId}/days`,
    hasCutoff: false,
    takesLong: true,
    atMost: { cold: 8 },
  },
  {
    name: 'metrics',
    title: '/metrics',
    method: 'GET',
    path: () => '/metrics',
    hasCutoff: false,
    atMost: { cold: 5 },
  },
];
