import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../../bench/bench.ts';
import { benches } from '../../bench/benches.ts';
import { goalText, isHeld, measured } from '../../bench/figure.ts';
import { readResults, rowResultOf, withRows } from '../../bench/results.ts';
import { resultsTable, withTable } from '../../bench/results-table.ts';

const document = readFileSync('docs/performance.md', 'utf8');

/** The first cells of the table under a heading. */
function rowsUnder(heading: string): string[] {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, row = '']) => row);
}

describe('docs/performance.md', () => {
  it('shows what results.json holds', async () => {
    const table = resultsTable(await readResults(), benches);
    expect(withTable(document, table)).toBe(document);
  });

  it('names a bench for every row of the numbers to hold', () => {
    expect(rowsUnder('Numbers to hold')).toHaveLength(10);
    expect(rowsUnder('Numbers to hold').toSorted()).toEqual(benches.map(({ row }) => row).toSorted());
  });
});

describe('results.json', () => {
  it('has every figure of each row that was measured, with the verdict that its goal asks for', async () => {
    for (const { row, figures: found } of (await readResults()).rows) {
      const figures = benches.find((bench) => bench.row === row)?.figures ?? {};
      expect(found.map(({ figure }) => figure)).toEqual(Object.keys(figures));
      for (const { figure, value, held } of found) {
        const goal = figures[figure]?.goal;
        expect(held, figure).toBe(goal && isHeld(goal, value));
      }
    }
  });

  it('names neither a folder of the machine nor an address', () => {
    expect(readFileSync('test/bench/results.json', 'utf8')).not.toMatch(
      /\/(home|work|tmp|root|Users)\b|127\.0\.0\.1/,
    );
  });
});

describe('a figure', () => {
  it('is a sample that was measured, not one in between', () => {
    expect(measured([4, 1, 3, 2]).value).toBe(2);
    expect(measured([1, 2, 3], 'p99').value).toBe(3);
    expect(measured([5, 9, 7], 'max')).toEqual({ value: 9, least: 5, greatest: 9, samples: 3 });
  });

  it('holds its goal or not', () => {
    expect([isHeld({ below: 2 }, 2), isHeld({ atMost: 2 }, 2), isHeld({ atLeast: 2 }, 2)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([{ below: 2 }, { atMost: 2 }, { atLeast: 2 }].map(goalText)).toEqual(['< 2', '≤ 2', '≥ 2']);
  });
});

const bench: Bench = {
  row: 'example',
  what: 'an example',
  rounds: 2,
  figures: {
    speed: { what: 'speed', unit: 'm/s', goal: { atLeast: 10 } },
    length: { what: 'length', unit: 'm' },
  },
  open: () => Promise.reject(new Error('Only its description is needed.')),
};
const MEASURED_AT = '2026-01-02T03:04:05.000Z';

describe('a row', () => {
  it('pools the samples of all rounds', () => {
    const result = rowResultOf(
      bench,
      [
        { speed: [9, 12], length: 1 },
        { speed: 12.3456, length: 3 },
      ],
      MEASURED_AT,
    );
    expect(result).toEqual({
      row: 'example',
      measuredAt: MEASURED_AT,
      rounds: 2,
      figures: [
        { figure: 'speed', value: 12, least: 9, greatest: 12.3, samples: 3, held: true },
        { figure: 'length', value: 1, least: 1, greatest: 3, samples: 2 },
      ],
    });
  });

  it('refuses to tell a figure that was not measured', () => {
    expect(() => rowResultOf(bench, [{ speed: 1 }], MEASURED_AT)).toThrow('example has no samples of length');
  });

  it('measured alone takes the place of the one before, in the order of the benches', () => {
    const row = (name: string, rounds: number) => ({
      row: name,
      measuredAt: MEASURED_AT,
      rounds,
      figures: [],
    });
    const before = { machine: { cores: 2, processor: 'p', node: 'v24' }, rows: [row('a', 1), row('b', 1)] };
    expect(withRows(before, [row('c', 2), row('b', 2)], ['c', 'a', 'b']).rows).toEqual([
      row('c', 2),
      row('a', 1),
      row('b', 2),
    ]);
  });
});
