import { expect, it } from 'vitest';
import { runForecastsApi } from '../../../../functions/forecast/run-forecasts.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const DATES = ['2022-01-01', '2022-01-02', '2022-01-03', '2022-01-04'];

it('a played day that was forecast has an actual of 0 without a row, and one that was not forecast or played has none', async () => {
  const store = memorySimulationStore();
  await store.register({ dates: DATES });
  const registered = await store.readState();
  const played = registered && { ...registered, dayIndex: 2 };
  const forecast = { units: 1.5, intervals: [] };
  const routes = runForecastsApi({
    keeper: { keep: async () => played },
    readCalendar: (id) => store.readCalendar(id),
    readEvenings: async () => new Map(),
    readDay: async () => [],
    readSeries: async () => new Map([1, 2, 3].map((day) => [day, forecast])),
    readUnits: async () => new Map([['2022-01-02', 3]]),
  });
  const handler = createApiHandler({ routes, log: recordingLog().log });
  const target = '/demand/forecasts?store_id=S001&product_id=P0001&day=4&days=4';
  const { json } = await ask(handler, apiEvent(`GET ${target}`));
  expect(json.history.map(({ actual }: { actual: number | null }) => actual)).toEqual([null, 3, 0, null]);
});
