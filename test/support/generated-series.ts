import { generateRows } from '../../data/generator/rows.ts';

/** Units per day of every store–product pair of the generated data set, 100 series of 731 days. */
export function generatedSeries(seed: number): number[][] {
  const pairs = Map.groupBy(generateRows(seed), ({ storeId, productId }) => `${storeId} ${productId}`);
  return [...pairs.values()].map((rows) => rows.map(({ unitsSold }) => unitsSold));
}
