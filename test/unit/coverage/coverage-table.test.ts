import path from 'node:path';
import { expect, test } from 'vitest';
import { coverageTable } from '../../coverage/coverage-table.ts';

function counts(covered: number, total: number) {
  const each = { total, covered, skipped: 0, pct: 0 };
  return { lines: each, functions: each, branches: { ...each, total: 0, covered: 0 }, statements: each };
}

test('coverage is summed by top-level folder, with the total in the last row', () => {
  const root = path.resolve('/project');
  const summary = {
    total: counts(13, 40),
    [path.join(root, 'web/main.tsx')]: counts(0, 10),
    [path.join(root, 'shared/api/sales.ts')]: counts(10, 10),
    [path.join(root, 'shared/deadline.ts')]: counts(3, 20),
  };
  expect(coverageTable(JSON.stringify(summary), root).split('\n')).toEqual([
    '| folder | files | lines | functions | branches |',
    '| --- | ---: | ---: | ---: | ---: |',
    '| shared | 2 | 43.3 % | 43.3 % | – |',
    '| web | 1 | 0.0 % | 0.0 % | – |',
    '| total | 3 | 32.5 % | 32.5 % | – |',
  ]);
});

test('a report of another form is refused', () => {
  expect(() => coverageTable('{"total":{}}', '/project')).toThrow(/lines/);
});
