import { expect, test } from 'vitest';
import { columnsOf, tableOf } from '../../bench/growth/table.ts';

test('the table of growth is read as it was written, so that one size can be measured again alone', () => {
  const columns = new Map([
    [
      '100 a day',
      new Map([
        ['events stored', '70,000'],
        ['run days, ms', '41, 12'],
      ]),
    ],
    ['5 million', new Map([['events stored', '5,000,000']])],
  ]);
  const table = tableOf(columns);
  expect(table).toBe(
    [
      '|  | 100 a day | 5 million |',
      '| --- | --- | --- |',
      '| events stored | 70,000 | 5,000,000 |',
      '| run days, ms | 41, 12 | – |',
    ].join('\n'),
  );
  expect(columnsOf(table)).toEqual(columns);
});
