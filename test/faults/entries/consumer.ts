import {
  type ConsumerDependencies,
  connectConsumer,
  consume,
  consumerSettings,
  kafkaEvent,
} from '../../../functions/consumer/consume.ts';
import { readSettings } from '../../../shared/settings.ts';
import { reach } from './reach.ts';

const settings = readSettings(consumerSettings);
const one = withPoints(connectConsumer(settings));
const other = withPoints(connectConsumer(settings));

function withPoints(real: ConsumerDependencies): ConsumerDependencies {
  return {
    ...real,
    async storeBatch(batch, counted) {
      const stored = await real.storeBatch(batch, counted);
      await reach('stored');
      return stored;
    },
  };
}

/** The consumer with its fault points. Two sets of dependencies stand in for two consumers. */
export async function handler(event: unknown): Promise<void> {
  switch (await reach('batch')) {
    case 'twice':
      await consume(one, event);
      await consume(other, event);
      break;
    case 'pieces':
      await inPieces(event);
      break;
    case 'overtaken':
      await overtaken(event);
      break;
    default:
      await consume(one, event);
  }
  await reach('progress');
}

type Records = ReturnType<typeof kafkaEvent.parse>['records'];

/** Partitions alternate between the two consumers; each stores its share in two halves, in order. */
async function inPieces(event: unknown): Promise<void> {
  const partitions = Object.entries(kafkaEvent.parse(event).records);
  const shares = [0, 1].map((turn) => partitions.filter((_, index) => index % 2 === turn));
  await Promise.all(
    [one, other].map((dependencies, turn) => consumeHalves(dependencies, shares[turn] ?? [])),
  );
}

async function consumeHalves(
  dependencies: ConsumerDependencies,
  share: readonly [string, Records[string]][],
): Promise<void> {
  for (const half of [firstHalf, secondHalf]) {
    await consume(dependencies, {
      records: Object.fromEntries(share.map(([name, list]) => [name, half(list)])),
    });
  }
}

/** The slow consumer reports its count after the fast one has reported a higher one. */
async function overtaken(event: unknown): Promise<void> {
  const { records } = kafkaEvent.parse(event);
  const part = Object.fromEntries(Object.entries(records).map(([name, list]) => [name, firstHalf(list)]));
  const slow: ConsumerDependencies = {
    ...one,
    async storeBatch(batch, counted) {
      const stored = await one.storeBatch(batch, counted);
      await consume(other, event);
      return stored;
    },
  };
  await consume(slow, { records: part });
}

function firstHalf(list: Records[string]): Records[string] {
  return list.slice(0, Math.ceil(list.length / 2));
}

function secondHalf(list: Records[string]): Records[string] {
  return list.slice(Math.ceil(list.length / 2));
}
