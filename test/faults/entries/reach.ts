/**
 * The points of the pipeline at which a case may hold, kill or misdirect the host. The functions here wire the deployed
 * code to its real borders and ask at each point how to go on; the deployed entries know nothing of it.
 */

import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

export const points = [
  /** A batch of stream records has come to the producer. */
  'record',
  /** A day was accepted and is about to be published. */
  'publish',
  /** Kafka has acknowledged a day; nothing tells of it yet. */
  'published',
  /** Days are published and recorded; `published_index` is yet to be raised. */
  'published_index',
  /** A batch of messages has come to the consumer. */
  'batch',
  /** A batch is committed in MySQL; DynamoDB doesn't know. */
  'stored',
  /** DynamoDB knows; the offsets are yet to be committed. */
  'progress',
] as const;
export type Point = (typeof points)[number];

export const verdicts = [
  'go',
  /** The record counts as taken, but nothing is done. */
  'lost',
  /** What has come is delivered twice. */
  'twice',
  /** Two consumers get the batch by partitions, each in pieces, at the same time. */
  'pieces',
  /** One consumer stores a part of the batch, another all of it and tells, then the first tells what it knew. */
  'overtaken',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Waits until the case lets go on, and says how. */
export async function reach(point: Point): Promise<Verdict> {
  const url = `${process.env.FAULT_POINTS}/${point}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A connection of its own: a kept one may be closed just when it is used again.
  get(url, { agent: false }, (response) => text(response).then(resolve, reject)).on('error', reject);
  return z.enum(verdicts).parse(await promise);
}
