import { expect, test } from 'vitest';
import { type WeatherDay, weatherCells } from '../../../../web/state/weather.ts';

/** A day of January 2022. */
const day = (number: number, units: number, weather = 'Sunny', isPromoted = false): WeatherDay => ({
  dayIndex: number - 1,
  date: `2022-01-${String(number).padStart(2, '0')}`,
  weather,
  isPromoted,
  units,
});

test('a weather that falls on strong weekdays sells no more than usual', () => {
  // Saturdays sell ten times as much, and rain falls on Saturdays alone.
  const days = Array.from({ length: 28 }, (_, index) => {
    const isSaturday = index % 7 === 0;
    return day(index + 1, isSaturday ? 1_000 : 100, isSaturday ? 'Rainy' : 'Sunny');
  });
  expect(weatherCells(days)).toEqual([
    { weather: 'Rainy', isPromoted: false, vsUsual: 0, days: 2 },
    { weather: 'Sunny', isPromoted: false, vsUsual: 0, days: 12 },
  ]);
});

test('days with promotion are kept apart from those without', () => {
  const days = [day(1, 100), day(8, 100), day(15, 150, 'Sunny', true), day(22, 140)];
  expect(weatherCells(days)).toEqual([
    { weather: 'Sunny', isPromoted: true, vsUsual: 0.5, days: 1 },
    { weather: 'Sunny', isPromoted: false, vsUsual: expect.closeTo(0.2), days: 1 },
  ]);
});

test('a day with fewer than two of its weekdays before, or with none that sold, says nothing', () => {
  expect(weatherCells([day(1, 100), day(8, 90), day(9, 90)])).toEqual([]);
  expect(weatherCells([day(1, 0), day(8, 0), day(15, 90)])).toEqual([]);
});
