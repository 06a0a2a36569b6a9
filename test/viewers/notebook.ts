import type { Witness } from './reconnecting-viewer.ts';

/** What one viewer saw. */
export interface Memory extends Witness {
  /** Ids of the sales since the last reset, in the order in which they came. */
  readonly ids: () => readonly number[];
  /** The same of what resets made it forget. */
  readonly forgotten: () => readonly (readonly number[])[];
}

/** What many viewers saw: each one's ids, and the data behind an id once for all of them. */
export interface Notebook {
  memory(): Memory;
  /** The data that came with an id, the first time. */
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
