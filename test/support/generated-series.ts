import { type DatasetRow, generateRows } from '../../data/generator/rows.ts';
import type { Offers } from '../../shared/forecast/models/forecast-model.ts';
import { dailyOffers } from '../../shared/forecast/offers.ts';

/** A store–product pair of the generated data set: 731 days. */
export interface GeneratedPair {
  readonly storeId: string;
  readonly productId: string;
  readonly units: readonly number[];
  readonly offers: Offers;
}

/** Units per day of every store–product pair of the generated data set, 100 series of 731 days. */
export function generatedSeries(seed: number): number[][] {
  return rowsByPair(seed).map((rows) => rows.map(({ unitsSold }) => unitsSold));
}

/** The 100 pairs of the generated data set with their offers. */
export function generatedPairs(seed: number): GeneratedPair[] {
  return rowsByPair(seed).flatMap((rows) => {
    const [first] = rows;
    const offers = dailyOffers(
      rows.map(({ date, price, discount, isPromotion }) => {
        return { date, netPrice: price * (1 - discount / 100), isPromoted: isPromotion };
      }),
    );
    if (first === undefined || offers === null) return [];
    const units = rows.map(({ unitsSold }) => unitsSold);
    return { storeId: first.storeId, productId: first.productId, units, offers };
  });
}

function rowsByPair(seed: number): DatasetRow[][] {
  return [...Map.groupBy(generateRows(seed), ({ storeId, productId }) => `${storeId} ${productId}`).values()];
}
