/**
 * Invokes a function with the records of a topic, as Lambda's event source mapping for MSK does: a member of a consumer
 * group, one invocation at a time, order kept per partition, each batch retried until it succeeds, and offsets committed
 * only after that. Records that arrive during an invocation are collected for the next. Batches that can't be decoded are
 * handed over as such (careful-reader.ts).
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-create.html
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { backOff } from '../back-off.ts';
import type { HostLog } from '../log.ts';
import { describeError } from '../runtime/invocation-result.ts';
import type { TopicSource } from '../system.ts';
import { createCarefulReader } from './careful-reader.ts';
import type { EventSource, Invoke } from './event-source.ts';
import { createClosing, createCondition, createSourceHealth } from './event-source.ts';
import { registerCodecs } from './kafka-codecs.ts';
import { createPendingRecords, kafkaEventJson } from './kafka-records.ts';
import { createOffsetCommitter } from './offset-committer.ts';
import { BrokenBatchFound } from './silent-fetches.ts';
import { openTopicReader, type Resume, type TopicReader, type TopicRecord } from './topic-reader.ts';

export interface KafkaSourceOptions extends Omit<TopicSource, 'function'> {
  readonly kafka: Kafka;
  /** `host:port`, separated by commas; part of the events. */
  readonly brokers: string;
  readonly region: string;
  readonly invoke: Invoke;
  readonly log: HostLog;
}

/** Lambda's limit for an event is 6 MB; the sizes here are estimates. */
const MAX_EVENT_BYTES = 5_500_000;

/** Fetches that failed in a row, each after kafkajs's own retries and without a broken batch, until the source counts as stuck. */
const STUCK_AFTER_FAILURES = 3;

/** Batches to read ahead of the one in progress, at least. */
const READ_AHEAD = 2;

/**
 * Starts to read a topic and to invoke a function with its records. Failures of Kafka and of the function are logged and
 * retried with back-off until the source is stopped; nothing is thrown.
 */
export function startKafkaSource(options: KafkaSourceOptions): EventSource {
  const { kafka, topic, consumerGroup, batchSize, brokers, region, log, invoke } = options;
  const connection = createSourceHealth(`The reader of topic ${topic}`, log);
  const repair = createSourceHealth(`The topic ${topic}`, log);
  const delivery = createSourceHealth(`The topic ${topic}`, log);
  registerCodecs();
  const pending = createPendingRecords();
  const changed = createCondition();
  const stopping = new AbortController();
  const { signal } = stopping;
  const delivered = Promise.withResolvers<void>();
  let reader: TopicReader | undefined;
  /** Incremented when partitions are reassigned: records read before then may belong to another member. */
  let generation = 0;
  const careful = createCarefulReader({ kafka, topic, groupId: consumerGroup, log });
  /** Partitions with a broken batch ahead: they are read carefully until it is behind them. */
  const suspects = new Set<number>();
  const carefulReads = new Set<Promise<void>>();
  /** Aborted when partitions are reassigned. */
  let assignment = new AbortController();
  const closing = createClosing();
  const committer = createOffsetCommitter({
    send: async (offsets) => reader?.commit(offsets),
    onFailure: (error) =>
      log.write('DEBUG', `Offsets of ${topic} were not committed.`, { cause: String(error) }),
    pause: (failures) => backOff(failures, signal),
  });
  const reading = keepReading();
  const delivering = keepDelivering();

  async function keepReading(): Promise<void> {
    let failures = 0;
    const fetched = () => {
      failures = 0;
      connection.succeeded();
    };
    while (!signal.aborted) {
      const { joined, reason } = await read(fetched);
      if (signal.aborted) return;
      if (reason instanceof BrokenBatchFound) continue;
      if (isDecodingError(reason) && (await findSuspects().catch(() => false))) continue;
      failures += 1;
      // A single failure isn't logged: a broker that has just started doesn't know its groups yet.
      if (failures > 1) connection.failed(joined ? "can't fetch from Kafka" : 'does not reach Kafka', reason);
      if (joined && failures === STUCK_AFTER_FAILURES) reportStuck(reason);
      await backOff(failures, signal);
    }
  }

  /**
   * Searches from the positions of the group, or from others.
   *
   * @returns whether it found a broken batch that wasn't known before.
   * @throws if Kafka is unavailable; the next failure searches again.
   */
  async function findSuspects(from?: ReadonlyMap<number, number>): Promise<boolean> {
    const known = suspects.size;
    for (const partition of await careful.findUndecodable(from)) suspects.add(partition);
    return suspects.size > known;
  }

  /** Reads a partition until the broken batch is behind it, then leaves it to the reader again. */
  async function readCarefully(partition: number, resume: Resume, reassigned: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, reassigned]);
    const hand = async (records: readonly TopicRecord[]) => {
      if (!ended.aborted) await closing.orClosed(take(records));
    };
    for (let failures = 1; !ended.aborted; failures += 1) {
      try {
        const next = await careful.readPast(partition, hand, ended);
        if (ended.aborted) return;
        repair.succeeded();
        suspects.delete(partition);
        resume(partition, next);
        return;
      } catch (error) {
        if (!ended.aborted) repair.failed("can't be read past a broken batch", error);
        await backOff(failures, ended);
      }
    }
  }

  /** Joining works but fetching doesn't, although no batch is broken. */
  function reportStuck(reason: unknown): void {
    log.write(
      'ERROR',
      `The topic ${topic} can't be read: nothing behind its committed offsets reaches the function.`,
      {
        cause: String(reason),
        failures: STUCK_AFTER_FAILURES,
      },
    );
  }

  /** Reads until it fails, or until everything is delivered after a stop. Joining alone proves nothing: fetches may still fail. */
  async function read(onFetched: () => void): Promise<{ joined: boolean; reason: unknown }> {
    const failure = Promise.withResolvers<unknown>();
    try {
      reader = await openTopicReader({
        kafka,
        topic,
        groupId: consumerGroup,
        onRecords: take,
        onAssigned: takeOver,
        onFetched,
        findBroken: findSuspects,
        onFailure: failure.resolve,
      });
    } catch (reason) {
      forget();
      return { joined: false, reason };
    }
    const reason = await Promise.race([failure.promise, delivered.promise]);
    await reader.close().catch(() => undefined);
    reader = undefined;
    forget();
    return { joined: true, reason };
  }

  /** @returns the partitions that are read carefully instead. */
  function takeOver(partitions: readonly number[], resume: Resume): number[] {
    forget();
    const held = partitions.filter((partition) => suspects.has(partition));
    for (const partition of held) {
      const reading = readCarefully(partition, resume, assignment.signal);
      carefulReads.add(reading);
      void reading.finally(() => carefulReads.delete(reading));
    }
    return held;
  }

  function take(records: readonly TopicRecord[]): Promise<void> {
    const mine = generation;
    pending.add(records);
    changed.notify();
    const limit = READ_AHEAD * batchSize;
    return changed.until(() => pending.size() < limit || generation !== mine);
  }

  function forget(): void {
    generation += 1;
    assignment.abort();
    assignment = new AbortController();
    pending.clear();
    committer.forget();
    changed.notify();
  }

  async function keepDelivering(): Promise<void> {
    for (let failures = 0; ; ) {
      await changed.until(() => pending.size() > 0 || signal.aborted);
      if (signal.aborted) return;
      // Records that were fetched together arrive within one turn.
      await nextTurn();
      failures = (await deliver().catch(reportUndeliverable)) ? 0 : failures + 1;
      if (failures > 0) await backOff(failures, signal);
    }
  }

  /** A record of which no event can be built blocks its topic, but must not end the process. */
  function reportUndeliverable(error: unknown): false {
    if (!signal.aborted) delivery.failed("is blocked because its records can't be handed over", error);
    return false;
  }

  /** Resolves with whether the function succeeded. A failed batch is rebuilt, with the records that arrived meanwhile. */
  async function deliver(): Promise<boolean> {
    const mine = generation;
    const batch = pending.batch(batchSize, MAX_EVENT_BYTES);
    if (batch.length === 0) return true;
    const event = kafkaEventJson(batch, { topic, bootstrapServers: brokers, region });
    const { error } = await invoke(event);
    if (error) {
      if (!signal.aborted) delivery.failed('is blocked because its function fails', describeError(error));
      return false;
    }
    delivery.succeeded();
    // If the partitions were reassigned meanwhile, the records are delivered again, here or elsewhere.
    if (mine !== generation) return true;
    committer.commit(pending.remove(batch));
    changed.notify();
    return true;
  }

  return {
    async stop() {
      stopping.abort();
      changed.notify();
      await delivering;
      await committer.flush();
      delivered.resolve();
      closing.close();
      await Promise.all([reading, ...carefulReads]);
    },
  };
}

/** kafkajs names its own errors; those thrown by a codec or the decoder have no name of their own. */
function isDecodingError(reason: unknown): boolean {
  const cause = reason instanceof Error && reason.cause instanceof Error ? reason.cause : reason;
  return cause instanceof Error && !cause.name.startsWith('KafkaJS');
}
