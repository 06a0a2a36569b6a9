import type { Witness } from './reconnecting-viewer.ts';

/** What one viewer saw. */
export interface Memory extends Witness {
  /** Ids of the sales since the last reset, in order of arrival. */
  readonly ids: () => readonly number[];
  /** The same for each run that a reset voided. */
  readonly forgotten: () => readonly (readonly number[])[];
}

/** What many viewers saw: the ids of each, and the data of each id once. */
export interface Notebook {
  memory(): Memory;
  /** The data that first came with an id. */
  readonly data: ReadonlyMap<number, string>;
  /** Ids that came with different data. */
  readonly contradictions: ReadonlySet<number>;
}

export function openNotebook(): Notebook {
  const data = new Map<number, string>();
  const contradictions = new Set<number>();

  function memory(): Memory {
    const forgotten: number[][] = [];
    let ids: number[] = [];
    return {
      sale: (id, text) => {
        const known = data.get(id);
        if (known === undefined) data.set(id, text);
        else if (known !== text) contradictions.add(id);
        ids.push(id);
      },
      startOver: () => {
        if (ids.length > 0) forgotten.push(ids);
        ids = [];
      },
      ids: () => ids,
      forgotten: () => forgotten,
    };
  }

  return { memory, data, contradictions };
}
