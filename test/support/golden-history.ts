import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ProductSale } from '../../shared/analytics/product-sale.ts';
import type { DataSet, HistoryReader } from '../../shared/history/product-history.ts';

/** The data set of the recorded answers. */
export const GOLDEN_DATA_SET = 'test/golden/dataset.csv.gz';

/** One recorded request with its answer. */
export interface Recorded {
  readonly request: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Recorded answers; one a line, or they'd be too long to be compared by eye. */
export function readRecorded(name: string): Recorded[] {
  return JSON.parse(readFileSync(`test/golden/responses/${name}.json`, 'utf8'));
}

/** The data set as functions read it from MySQL. */
export function goldenHistory(): HistoryReader & { readonly dataSet: DataSet } {
  const rows = readRows();
  // The flag of the date's first row in the file is the calendar's.
  const flags = new Map<string, string>();
  for (const row of rows) if (!flags.has(row.date)) flags.set(row.date, row.flag);
  const dates = [...flags.keys()].sort();
  const promotionDates = new Set(dates.filter((date) => flags.get(date) === '1'));
  const products = Map.groupBy(rows, ({ productId }) => productId);
  const dataSet = { id: 1, sha256: 'f'.repeat(64), dates, promotionDates };
  const sales = (productId: string): ProductSale[] =>
    (products.get(productId) ?? []).map((row) => ({ ...row, isPromotion: promotionDates.has(row.date) }));
  return { dataSet, product: async (productId) => ({ dataSet, sales: sales(productId) }) };
}

function readRows() {
  const [, ...lines] = gunzipSync(readFileSync(GOLDEN_DATA_SET)).toString().trim().split(/\r?\n/);
  return lines.map((line) => {
    const cells = line.split(',');
    const cell = (column: number): string => cells[column] ?? '';
    return {
      date: cell(0),
      storeId: cell(1),
      productId: cell(2),
      units: Number(cell(6)),
      price: Number(cell(9)),
      discount: Number(cell(10)),
      flag: cell(12),
      isPromoted: cell(12) === '1',
      weather: cell(11),
      inventory: Number(cell(5)),
      ordered: Number(cell(7)),
      competitorPrice: Number(cell(13)),
    };
  });
}
