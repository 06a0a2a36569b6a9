/** `npm run bench`: CPU per search, forecast and backtest on the generated data set. */
import { backtestDemand, forecastDemand } from '../../shared/forecast/demand-forecast.ts';
import { tuneMovingAverage } from '../../shared/forecast/moving-average.ts';
import { generatedSeries } from '../support/generated-series.ts';

const RUNS = 20;
const FORECAST = { horizon: 28, levels: [80, 95], model: 'auto' } as const;

/** CPU of one call in milliseconds: all runs in order, the first one cold. */
function cpuPerRun(runs: number, run: (index: number) => unknown): number[] {
  return Array.from({ length: runs }, (_, index) => {
    const started = process.cpuUsage();
    run(index);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  });
}

function report(name: string, run: (index: number) => unknown, runs = RUNS): void {
  const [first = 0, ...others] = cpuPerRun(runs, run);
  const median = others.sort((a, b) => a - b)[others.length >> 1] ?? 0;
  console.log(`| ${name} | ${first.toFixed(1)} | ${median.toFixed(1)} |`);
}

const series = generatedSeries(1);
const at = (index: number, days: number): number[] => series[index % series.length]?.slice(0, days) ?? [];

console.log('| what | first, ms of CPU | median of the others |\n| --- | --- | --- |');
for (const trials of [20, 50]) {
  for (const days of [30, 731]) {
    report(`search, ${trials} trials, day ${days}`, (index) => tuneMovingAverage(at(index, days), trials));
  }
}
for (const days of [30, 731]) {
  report(`forecast with backtest, day ${days}`, (index) => forecastDemand(at(index, days), FORECAST));
}
const backtestAll = () => series.map((one) => backtestDemand(one, FORECAST.levels));
report(`backtest of all ${series.length} pairs, day 731`, backtestAll, 3);
