/**
 * One request to one broker: the bytes of a partition, undecoded. kafkajs decodes whatever it fetches, and so can't look at a
 * batch that it can't decode. Plain connections only, as everywhere in this host.
 * https://kafka.apache.org/protocol#The_Messages_Fetch (version 4)
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** A batch that is larger is returned nevertheless, alone. */
  readonly maxBytes: number;
}

export interface FetchedBytes {
  /** 0 for success; the others are listed under https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number;
  readonly highWatermark: number;
  /** Aborted transactions with messages in this response, in the order of their first offsets. */
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: number }[];
  /** Record batches; the last may be cut off. */
  readonly bytes: Buffer;
}

const FETCH = 1;
const VERSION = 4;
const CORRELATION_ID = 1;
const CLIENT_ID = 'lambda-host';
const READ_COMMITTED = 1;
/** The broker answers at once, even if there is nothing to read. */
const MAX_WAIT_MS = 0;
const ANSWER_WITHIN_MS = 10_000;

/** @throws if the broker can't be reached, doesn't answer in time, or answers in another form. */
export async function fetchBytes(
  broker: { readonly host: string; readonly port: number },
  request: FetchRequest,
): Promise<FetchedBytes> {
  const socket = connect(broker.port, broker.host);
  socket.setTimeout(ANSWER_WITHIN_MS, () =>
    socket.destroy(new Error(`${broker.host}:${broker.port} doesn't answer`)),
  );
  try {
    await once(socket, 'connect');
    socket.write(encodeRequest(request));
    const received: Buffer[] = [];
    let size = 0;
    for await (const chunk of socket) {
      received.push(chunk);
      size += chunk.length;
      const first = received[0];
      if (size < 4 || first === undefined) continue;
      const start = first.length >= 4 ? first : Buffer.concat(received);
      if (size >= 4 + start.readInt32BE(0)) return decodeResponse(Buffer.concat(received));
    }
    throw new Error(`${broker.host}:${broker.port} closed the connection`);
  } finally {
    socket.destroy();
  }
}

function encodeRequest({ topic, partition, offset, maxBytes }: FetchRequest): Buffer {
  const body = Buffer.concat([
    int16(FETCH),
    int16(VERSION),
    int32(CORRELATION_ID),
    text(CLIENT_ID),
    int32(-1), // this is no replica
    int32(MAX_WAIT_MS),
    int32(1), // bytes to wait for
    int32(maxBytes),
    Buffer.from([READ_COMMITTED]),
    int32(1), // topics
    text(topic),
    int32(1), // partitions
    int32(partition),
    int64(offset),
    int32(maxBytes),
  ]);
  return Buffer.concat([int32(body.length), body]);
}

function decodeResponse(response: Buffer): FetchedBytes {
  // Size, correlation id, throttling time, the number of topics.
  let at = 16;
  at += 2 + response.readInt16BE(at); // the topic
  at += 4 + 4; // the number of partitions, the partition
  const errorCode = response.readInt16BE(at);
  const highWatermark = Number(response.readBigInt64BE(at + 2));
  at += 2 + 8 + 8; // the last stable offset too
  const abortedTransactions = [];
  const aborted = response.readInt32BE(at);
  at += 4;
  for (let left = aborted; left > 0; left -= 1) {
    const producerId = response.readBigInt64BE(at);
    abortedTransactions.push({ producerId, firstOffset: Number(response.readBigInt64BE(at + 8)) });
    at += 16;
  }
  const size = Math.max(0, response.readInt32BE(at));
  return {
    errorCode,
    highWatermark,
    abortedTransactions,
    bytes: response.subarray(at + 4, at + 4 + size),
  };
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}
