import type { Witness } from '../viewers/restless-viewer.ts';

/** What viewers saw, as far as it can be kept over hours. */
export interface Ascent {
  sales: number;
  resets: number;
  /** Sales whose id was not greater than the one before: doubled, or out of order. */
  disorders: number;
}

export function noAscent(): Ascent {
  return { sales: 0, resets: 0, disorders: 0 };
}

/** Of one viewer, counted into what all have seen. */
export function ascendingWitness(ascent: Ascent): Witness {
  let lastId = 0;
  return {
    sale: (id) => {
      ascent.sales += 1;
      if (id <= lastId) ascent.disorders += 1;
      lastId = id;
    },
    startOver: () => {
      ascent.resets += 1;
      lastId = 0;
    },
  };
}
