import type { Metrics } from './contract.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * The metrics in the Prometheus text format 0.0.4. All are gauges: they are of the current run, so a reset lowers them.
 * What is unknown has no sample.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(metrics: Metrics): string {
  return [...pipelineFamilies(metrics), ...simulationFamilies(metrics), ...salesFamilies(metrics)]
    .map(familyText)
    .join('');
}

function pipelineFamilies({ kafka, ingestion, dead_letters }: Metrics): Family[] {
  const lag = kafka.consumer_lag;
  return [
    gauge('kafka_up', 'Whether Kafka told the consumer lag.', lag ? 1 : 0),
    {
      name: 'kafka_consumer_lag',
      help: 'Messages of a partition that are not stored yet.',
      samples: (lag?.partitions ?? []).map((each) => ({
        labels: { partition: String(each.partition) },
        value: each.lag,
      })),
    },
    gauge('events_stored', 'Sales of the run that are stored.', ingestion.total_events_stored),
    gauge('events_last_60s', 'Sales of the run stored within the last minute.', ingestion.events_last_60s),
    gauge('dead_letters', 'Unreadable messages that wait for a replay.', dead_letters),
  ];
}

function simulationFamilies({ simulation }: Metrics): Family[] {
  return [
    gauge('simulation_day_index', 'Index of the current day, -1 before the first.', simulation.day_index),
    gauge('simulation_days', 'Days that the calendar has.', simulation.total_days),
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

function salesFamilies({ store_totals, top_5_products }: Metrics): Family[] {
  const ofStores = (figure: (store: Metrics['store_totals'][number]) => number): Sample[] =>
    store_totals.map((store) => ({ labels: { store_id: store.store_id }, value: figure(store) }));
  const ofProducts = top_5_products.map(({ product_id, total_units }) => ({
    labels: { product_id },
    value: total_units,
  }));
  return [
    {
      name: 'store_events',
      help: 'Sales of a store in the run.',
      samples: ofStores((store) => store.total_events),
    },
    {
      name: 'store_units',
      help: 'Units that a store sold.',
      samples: ofStores((store) => store.total_units),
    },
    {
      name: 'store_revenue',
      help: 'Units at the price asked, of a store.',
      samples: ofStores((store) => store.total_revenue),
    },
    { name: 'top_product_units', help: 'Units sold of the five best products.', samples: ofProducts },
  ];
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, samples: [{ value }] };
}

function familyText({ name, help, samples }: Family): string {
  if (samples.length === 0) return '';
  const metric = `retail_${name}`;
  const lines = samples.map(({ labels = {}, value }) => `${metric}${labelText(labels)} ${value}\n`);
  return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
