import { expect, test } from 'vitest';
import { csvOf, fileName, rowsOfChart } from '../../../../web/share/save.ts';

test('fields with commas, quotes and line breaks are quoted, and unknown values are empty', () => {
  expect(csvOf([['a,b', 'say "hi"', 'two\nlines', null, undefined, -1.5]])).toBe(
    '"a,b","say ""hi""","two\nlines",,,-1.5\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@x'])('a text such as %s is no formula in a spreadsheet', (text) => {
  expect(csvOf([[text]])).toBe(`'${text}\r\n`);
});

test('a chart of lines has a row for each label and a column for each named line', () => {
  const datasets = [
    { label: '', data: [1, 2] },
    { label: 'Sold', data: [5, null] },
    { label: 'Forecast', data: [null, 7] },
    { label: 'Empty', data: [] },
  ];
  expect(rowsOfChart({ labels: ['1 Jan', '2 Jan'], datasets })).toEqual([
    ['', 'Sold', 'Forecast'],
    ['1 Jan', 5, null],
    ['2 Jan', null, 7],
  ]);
});

test('a chart of points has a row for each of them', () => {
  const datasets = [{ label: 'S001', data: [{ x: 9.5, y: 3 }] }];
  expect(rowsOfChart({ datasets })).toEqual([
    ['series', 'x', 'y'],
    ['S001', 9.5, 3],
  ]);
});

test('a file is named after its parts, without what file systems refuse', () => {
  expect(fileName('retail', 'units-by-day', 'all stores')).toBe('retail-units-by-day-all-stores');
  expect(fileName('retail', 'price', '../Ä/1:2')).toBe('retail-price-..-Ä-1-2');
  expect(fileName('retail', 'trials', '')).toBe('retail-trials');
});
