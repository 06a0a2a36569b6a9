import type { LocalSystem } from '../support/stage.ts';
import type { HeapInspector } from './heaps.ts';
import { processFigures } from './process-figures.ts';
import type { Recording } from './recording.ts';

/**
 * Growth that says nothing: a garbage collector that comes later, a connection that a pool opened late, a function whose
 * code was compiled late.
 */
const GRAIN = { memoryMb: 40, heapMb: 3, descriptors: 12, connections: 6 } as const;

/** Samples the host from outside, at no cost to it. */
export async function sampleProcess(
  { pid, url, addresses }: LocalSystem,
  recording: Recording,
): Promise<void> {
  const ports = {
    mysql: addresses.mysql.port,
    kafka: Number(addresses.kafkaBrokers.split(':')[1]),
    dynamodb: Number(new URL(addresses.dynamodbEndpoint).port),
  };
  const names = Object.keys(ports);
  const figures = await processFigures(pid, Number(new URL(url).port), Object.values(ports));
  const { rssMb, descriptors, clients, connections } = figures;
  recording.add('memory of the process (RSS)', 'MB', GRAIN.memoryMb, rssMb);
  recording.add('file descriptors but those of clients', '', GRAIN.descriptors, descriptors - clients);
  for (const [index, name] of names.entries()) {
    recording.add(`connections to ${name}`, '', GRAIN.connections, connections[index] ?? 0);
  }
}

/** The number of viewers the host reports. */
export async function sampleViewers({ url }: LocalSystem, all: number, recording: Recording): Promise<void> {
  const text = await (await fetch(`${url}/metrics?format=prometheus`)).text();
  const viewers = Number(/^retail_live_viewers(?:\{.*\})? (\d+)/m.exec(text)?.[1]);
  // A host that is too busy to answer yields no sample.
  if (Number.isNaN(viewers)) return;
  recording.add('viewers that the host counts', '', all, viewers);
}

/** Samples the heaps of the host and its functions after a garbage collection. */
export async function sampleHeaps(heaps: HeapInspector, recording: Recording): Promise<void> {
  const figures = await heaps.collect();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  recording.add('all heaps, collected', 'MB', GRAIN.memoryMb / 2, sum(figures.map(({ usedMb }) => usedMb)));
  recording.add(
    'buffers of all, collected',
    'MB',
    GRAIN.memoryMb / 2,
    sum(figures.map(({ externalMb }) => externalMb)),
  );
  for (const [name, isolates] of Map.groupBy(figures, (one) => one.name)) {
    recording.add(
      `heap of ${name}, collected`,
      'MB',
      GRAIN.heapMb,
      sum(isolates.map(({ usedMb }) => usedMb)),
    );
  }
}
