import { Gauge, Registry } from 'prom-client';
import type { MetricsAnswer } from '../../shared/api/system.ts';

/** A gauge, its name without the prefix. One without samples is left out. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The metrics in the Prometheus text format. All are gauges: they describe the current run, so a reset lowers them. A value
 * that is unknown has no sample.
 */
export async function metricsText(metrics: MetricsAnswer): Promise<string> {
  const registry = new Registry();
  for (const { name, help, samples } of [
    ...pipelineFamilies(metrics),
    ...simulationFamilies(metrics),
    ...salesFamilies(metrics),
  ]) {
    if (samples.length === 0) continue;
    const labelNames = Object.keys(samples[0]?.labels ?? {});
    const gauge = new Gauge({ name: `retail_${name}`, help, labelNames, registers: [registry] });
    for (const { labels = {}, value } of samples) gauge.set(labels, value);
  }
  return registry.metrics();
}

function pipelineFamilies({ kafka, ingestion, dead_letters, pipeline }: MetricsAnswer): Family[] {
  const lag = kafka.consumer_lag;
  const lastDay = pipeline.last_stored_day;
  const lagOfPartitions = (lag?.partitions ?? []).map((each) => ({
    labels: { partition: String(each.partition) },
    value: each.lag,
  }));
  return [
    gauge('kafka_up', 'Whether Kafka reported the consumer lag.', lag ? 1 : 0),
    family('kafka_consumer_lag', 'Messages of a partition that are not stored yet.', lagOfPartitions),
    gauge('events_stored', 'Sales of the run that are stored.', ingestion.total_events_stored),
    gauge('events_last_60s', 'Sales of the run stored within the last minute.', ingestion.events_last_60s),
    gauge('dead_letters', 'Unreadable messages that wait for a replay.', dead_letters),
    gauge(
      'click_to_stored_seconds',
      'From the click for the day that was last stored whole to its last sale.',
      lastDay?.click_to_stored_seconds,
    ),
    gauge(
      'last_stored_day_timestamp_seconds',
      'When the last day was stored whole.',
      lastDay && Date.parse(lastDay.completed_at) / 1_000,
    ),
  ];
}

function simulationFamilies({ simulation }: MetricsAnswer): Family[] {
  const { run_id } = simulation;
  return [
    family('run_info', 'The current run.', run_id === null ? [] : [{ labels: { run_id }, value: 1 }]),
    gauge('simulation_day_index', 'Index of the current day, -1 before the first.', simulation.day_index),
    gauge('simulation_calendar_size', 'Dates that the run goes through.', simulation.total_days),
    gauge('simulation_day_sales', 'Sales that the current day has.', simulation.day_total),
    gauge(
      'simulation_day_sales_stored',
      'Sales of the current day that are stored.',
      simulation.day_received,
    ),
    gauge(
      'simulation_complete',
      'Whether every sale of every day is stored.',
      Number(simulation.is_complete),
    ),
  ];
}

function salesFamilies({ store_totals, top_5_products }: MetricsAnswer): Family[] {
  const ofStores = (figure: (store: MetricsAnswer['store_totals'][number]) => number): Sample[] =>
    store_totals.map((store) => ({ labels: { store_id: store.store_id }, value: figure(store) }));
  const ofProducts = top_5_products.map(({ product_id, total_units }) => ({
    labels: { product_id },
    value: total_units,
  }));
  return [
    family(
      'store_events',
      'Sales of a store in the run.',
      ofStores((store) => store.total_events),
    ),
    family(
      'store_units',
      'Units that a store sold.',
      ofStores((store) => store.total_units),
    ),
    family(
      'store_revenue',
      'Units at the price asked, of a store.',
      ofStores((store) => store.total_revenue),
    ),
    family('top_product_units', 'Units sold of the five best products.', ofProducts),
  ];
}

function family(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, samples };
}

/** A gauge without labels; an unknown value has no sample. */
function gauge(name: string, help: string, value: number | null | undefined): Family {
  return family(name, help, value === null || value === undefined ? [] : [{ value }]);
}
