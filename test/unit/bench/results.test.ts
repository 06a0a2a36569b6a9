import { describe, expect, it } from 'vitest';
import type { Samples } from '../../bench/bench.ts';
import type { Figure } from '../../bench/figure.ts';
import { goalText, isHeld, measured } from '../../bench/figure.ts';
import { type Circumstances, resultsSchema, rowResultOf, withRows } from '../../bench/results.ts';
import { resultsTable, withTable } from '../../bench/results-table.ts';

const bench: { row: string; what: string; figures: Record<string, Figure> } = {
  row: 'ingest',
  what: 'events into a table',
  figures: {
    rate: { what: 'the pipeline', unit: 'events/s', goal: { atLeast: 16_000 } },
    python: { what: 'a plain consumer', unit: 'events/s', optional: true },
    ofPython: { what: 'the pipeline, of a plain consumer', unit: '×', goal: { atLeast: 1 }, optional: true },
  },
};
const quiet: Circumstances = {
  loads: [0.2, 0.43, 0.1],
  machine: { cores: 2, processor: 'Some CPU', node: 'v24.0.0' },
  measuredAt: '2026-11-30T12:00:00.000Z',
};
const rowOf = (rounds: Samples[], circumstances: Partial<Circumstances> = {}) =>
  rowResultOf(bench, rounds, { ...quiet, ...circumstances });
const tableOf = (rounds: Samples[], circumstances: Partial<Circumstances> = {}) =>
  resultsTable({ rows: [rowOf(rounds, circumstances)] }, [bench]);

describe('a figure', () => {
  it('is the median, p99 or maximum of its samples, and always one of them', () => {
    const samples = [5, 1, 9, 3];
    expect(measured(samples)).toEqual({ value: 3, least: 1, greatest: 9, samples: 4 });
    expect(measured(samples, 'p99').value).toBe(9);
    expect(measured(samples, 'max').value).toBe(9);
    expect(() => measured([])).toThrow(RangeError);
  });

  it('meets a goal at its bound unless the goal excludes the bound', () => {
    expect(isHeld({ atLeast: 2 }, 2)).toBe(true);
    expect(isHeld({ atMost: 2 }, 2)).toBe(true);
    expect(isHeld({ below: 2 }, 2)).toBe(false);
    expect([{ atLeast: 2 }, { atMost: 3 }, { below: 4 }].map(goalText)).toEqual(['≥ 2', '≤ 3', '< 4']);
  });
});

describe('the result of a row', () => {
  it('takes the median of all rounds and judges it before it is shortened', () => {
    const rounds = [{ rate: 15_999.6 }, { rate: 15_999.6 }, { rate: 40_000 }];
    expect(rowOf(rounds).figures).toEqual([
      { figure: 'rate', value: 15_999.6, least: 15_999.6, greatest: 40_000, samples: 3 },
    ]);
    expect(tableOf(rounds)).toContain('| ≥ 16000 events/s | 16000 events/s | 16000 – 40000 | **no** |');
  });

  it('keeps the greatest load of its rounds and the processor', () => {
    const row = rowOf([{ rate: 1 }]);
    expect(row).toMatchObject({ load: 0.43, machine: { cores: 2, processor: 'Some CPU' } });
    expect(resultsSchema.parse({ rows: [row] })).toEqual({ rows: [row] });
  });

  it('leaves out a peer that was not there, but no figure of our own', () => {
    expect(rowOf([{ rate: 1 }]).figures.map(({ figure }) => figure)).toEqual(['rate']);
    expect(() => rowOf([{ python: 1 }])).toThrow('ingest has no samples of rate.');
  });

  it('replaces the earlier result of its row only', () => {
    const earlier = rowOf([{ rate: 1 }]);
    const other = { ...earlier, row: 'click' };
    const later = rowOf([{ rate: 2 }]);
    expect(withRows({ rows: [earlier, other] }, [later], ['click', 'ingest'])).toEqual({
      rows: [other, later],
    });
  });
});

describe('the table', () => {
  it('gives each figure with its goal, its spread and the verdict', () => {
    const table = tableOf([
      { rate: 20_000, python: 16_000, ofPython: 1.25 },
      { rate: 10_000, python: 16_000, ofPython: 0.625 },
      { rate: 12_000, python: 16_000, ofPython: 0.75 },
    ]);
    expect(table).toContain('| the pipeline | ≥ 16000 events/s | 12000 events/s | 10000 – 20000 | **no** |');
    expect(table).toContain('| a plain consumer |  | 16000 events/s | 16000 – 16000 |  |');
    expect(table).toContain('| the pipeline, of a plain consumer | ≥ 1 × | 0.75 × | 0.625 – 1.25 | **no** |');
  });

  it('says of a row when, how often and on what it was measured', () => {
    expect(tableOf([{ rate: 1 }])).toContain(
      '**ingest**: events into a table (1 round, 2026-11-30, one-minute load 0.43, 2 cores of Some CPU, Node v24.0.0)',
    );
    expect(tableOf([{ rate: 1 }], { loads: [] })).toContain('load not recorded');
  });

  it('warns of a row that was measured on a busy machine', () => {
    expect(tableOf([{ rate: 1 }])).not.toContain('busy');
    expect(tableOf([{ rate: 1 }], { loads: [2] })).not.toContain('busy');
    expect(tableOf([{ rate: 1 }], { loads: [0.1, 2.04] })).toContain(
      '**The machine was busy (one-minute load 2.04): only the ratios count.**',
    );
  });

  it('takes the place between the markers of a document', () => {
    const document = 'a\n<!-- bench:begin, written by npm run bench -->\nold\n<!-- bench:end -->\nb';
    expect(withTable(document, 'new')).toBe(
      'a\n<!-- bench:begin, written by npm run bench -->\n\nnew\n<!-- bench:end -->\nb',
    );
    expect(() => withTable('a', 'new')).toThrow('bench:begin');
  });
});
