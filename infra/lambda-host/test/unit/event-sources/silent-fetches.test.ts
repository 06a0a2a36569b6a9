import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import { registerCodecs } from '../../../event-sources/kafka-codecs.ts';
import { type SilentFetches, watchSilentFetches } from '../../../event-sources/silent-fetches.ts';

registerCodecs();

/** kafkajs keeps its codecs in one table per process; its types name gzip alone. */
const codecs: Record<number, (() => object) | undefined> = kafkajs.CompressionCodecs;

let silent: SilentFetches;
afterEach(() => silent.stop());

/** A consumer that connects to nothing, and a function that reports one of its events. */
function consumer() {
  const fixture = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).consumer({
    groupId: 'group',
  });
  const on = vi.spyOn(fixture, 'on');
  const emit = (name: string, payload: object) => {
    const [, listener] = on.mock.calls.find(([event]) => event === name) ?? expect.unreachable(name);
    Reflect.apply(listener, undefined, [{ payload }]);
  };
  return { fixture, emit };
}

test('a batch that was passed over is searched for from where its fetch began, whatever is handed over meanwhile', async () => {
  const { fixture, emit } = consumer();
  const { START_BATCH_PROCESS } = fixture.events;
  const findBroken = vi.fn(async (positions: ReadonlyMap<number, number>) => {
    // The search asks Kafka first, and meanwhile kafkajs goes on behind the broken batch.
    await new Promise((resolve) => setImmediate(resolve));
    return positions.get(0) === 10;
  });
  const onFailure = vi.fn();
  silent = watchSilentFetches({ consumer: fixture, findBroken, onFailure });
  emit(START_BATCH_PROCESS, { partition: 0, lastOffset: '9' });
  // kafkajs looks the codec up and finds no records.
  codecs[kafkajs.CompressionTypes.None]?.();
  await Promise.resolve();
  emit(START_BATCH_PROCESS, { partition: 0, lastOffset: '40' });
  await silent.searched();
  expect(findBroken).toHaveBeenCalledOnce();
  expect(onFailure).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'BrokenBatchFound' }));
});
