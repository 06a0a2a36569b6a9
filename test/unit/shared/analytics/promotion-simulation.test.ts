import { describe, expect, it } from 'vitest';
import { floatText, signedText } from '../../../../shared/analytics/promotion-simulation.ts';

describe('numbers in text', () => {
  it.each([
    [20, '20.0'],
    [7.25, '7.25'],
    [0.0001, '0.0001'],
    [0.00001234, '1.234e-05'],
    [1e-10, '1e-10'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-20.5, '-20.5'],
  ])('%d is written as Python’s str() writes it: %s', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it.each([
    [6.4, '+6.4'],
    [0, '+0.0'],
    [-0, '-0.0'],
    [-20.5, '-20.5'],
  ])('%d is written with its sign as Python formats it: %s', (value, text) => {
    expect(signedText(value)).toBe(text);
  });
});
