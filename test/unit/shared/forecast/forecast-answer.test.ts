import { describe, expect, it } from 'vitest';
import { dailySeries, dateAfter } from '../../../../shared/forecast/demand-day.ts';
import { backtestOf, forecastAnswer } from '../../../../shared/forecast/forecast-answer.ts';

const subject = { store_id: 'S001', product_id: 'P0001', analysis_up_to_day: 'all' };
const history = (from: string, days: number) =>
  Array.from({ length: days }, (_, day) => ({
    date: dateAfter(from, day),
    units_sold: 20 + ((day * 7919) % 13) + 5 * (day % 7),
  }));
const request = { horizon: 9, levels: [80, 95], model: 'auto', history: 0 } as const;

describe('forecastAnswer', () => {
  it('an answer dates each day, rounds to hundredths and names the baseline', () => {
    const answer = forecastAnswer(subject, history('2024-02-20', 100), request);
    expect(answer.forecast).toHaveLength(9);
    expect(answer.forecast[0]?.date).toBe('2024-05-30');
    expect(answer.forecast[2]?.date).toBe('2024-06-01');
    for (const { forecast_units } of answer.forecast)
      expect(forecast_units).toBe(Number(forecast_units.toFixed(2)));
    expect(answer.backtest.models.map(({ model }) => model)).toContain(answer.model);
    expect(answer.baseline.model).toBe('seasonal_naive');
    expect(answer.backtest).toEqual(backtestOf(history('2024-02-20', 100), [80, 95]));
  });

  it('the same series a week later gives the same answer except for the dates', () => {
    const now = forecastAnswer(subject, history('2023-12-04', 120), request);
    const later = forecastAnswer(subject, history('2023-12-11', 120), request);
    expect(later).toEqual({
      ...now,
      forecast: now.forecast.map((step) => ({ ...step, date: dateAfter(step.date, 7) })),
    });
  });
});

describe('the history of an answer', () => {
  it('the history of an answer is the last days by date, with missing dates as days without sales', () => {
    const days = history('2024-02-20', 30);
    const withGap = days.filter(({ date }) => date !== '2024-03-19');
    const answer = forecastAnswer(subject, withGap, { ...request, history: 3 });
    expect(answer.history).toEqual([days[27], { date: '2024-03-19', units_sold: 0 }, days[29]]);
    expect(forecastAnswer(subject, days, { ...request, history: 1_000 }).history).toEqual(days);
    expect(forecastAnswer(subject, days, request).history).toEqual([]);
  });
});

describe('dailySeries', () => {
  it('a daily series counts a date without a row as a day without sales', () => {
    const rows = [
      { date: '2024-02-28', units_sold: 3 },
      { date: '2024-03-01', units_sold: 5 },
    ];
    expect(dailySeries(rows)).toEqual([3, 0, 5]);
    expect(dailySeries([])).toEqual([]);
  });
});
