import { expect, test } from 'vitest';
import { formatTrend } from '../../../web/format.ts';

test('a trend after a week without sales has no percentage of billions', () => {
  expect(formatTrend('down', -5.71)).toBe('trend down, −5.7 % on the week before');
  expect(formatTrend('up', 100_000)).toBe('trend up, +100,000.0 % on the week before');
  expect(formatTrend('up', 85_714_285_714.3)).toBe('trend up after a week without sales');
});
