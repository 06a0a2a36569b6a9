/**
 * The fault points of the pipeline at which a case may hold, kill or misdirect the host. The entries in this folder wire the
 * deployed code to its real dependencies and ask at each point how to proceed; the deployed handlers have no such points.
 */

import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

export const points = [
  /** The producer received a batch of stream records. */
  'record',
  /** A day was accepted and is about to be published. */
  'publish',
  /** Kafka has acknowledged a day; nothing records it yet. */
  'published',
  /** Days are published and recorded; `published_index` is yet to be raised. */
  'published_index',
  /** The consumer received a batch of messages. */
  'batch',
  /** A batch is committed in MySQL; DynamoDB doesn't know yet. */
  'stored',
  /** DynamoDB knows; the offsets are yet to be committed. */
  'progress',
] as const;
export type Point = (typeof points)[number];

export const verdicts = [
  'go',
  /** The record is acknowledged without being processed. */
  'lost',
  /** The delivery is processed twice. */
  'twice',
  /** Two consumers process the batch concurrently, by partition and in pieces. */
  'pieces',
  /** One consumer stores a part of the batch; another stores and reports all of it; then the first reports its older count. */
  'overtaken',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Waits for the case's verdict. */
export async function reach(point: Point): Promise<Verdict> {
  const url = `${process.env.FAULT_POINTS}/${point}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A new connection each time: a kept-alive one may be closed just as it is reused.
  get(url, { agent: false }, (response) => text(response).then(resolve, reject)).on('error', reject);
  return z.enum(verdicts).parse(await promise);
}
