/** Bodies of requests, of which no more are held at once than memory is meant for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gatewayMessage, notBegun, sendResponse } from './http-response.ts';

/** Room for the bodies of all requests together. */
export interface BodyRoom {
  /** False, and nothing is taken, if so many bytes are not free. */
  take(bytes: number): boolean;
  free(bytes: number): void;
}

/** Six of the largest that are taken, and thousands of usual ones; with the events made of them a few hundred MB. */
const ROOM_BYTES = 64 * 1024 * 1024;

export function bodyRoom(bytes: number = ROOM_BYTES): BodyRoom {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    free: (given) => {
      left += given;
    },
  };
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** To be called once nobody needs the bytes any more. */
  release(): void;
}

/** Why a body was not read to its end: it is longer than the limit, or all bodies together are more than there is room for. */
export type BodyRefusal = 'too large' | 'no room';

/**
 * Reads a request's body, which takes room as it comes: one that was announced and is never sent takes none. Of a body that
 * is refused the rest is left unread, so the connection can answer but not be used again.
 *
 * @param limit In bytes.
 * @throws if the client breaks off.
 */
export function readBody(
  message: IncomingMessage,
  limit: number,
  room: BodyRoom,
): Promise<HeldBody | BodyRefusal> {
  const { promise, resolve, reject } = Promise.withResolvers<HeldBody | BodyRefusal>();
  const chunks: Buffer[] = [];
  let size = 0;
  const release = () => {
    room.free(size);
    size = 0;
  };
  const refuse = (refusal: BodyRefusal) => {
    message.pause();
    chunks.length = 0;
    release();
    resolve(refusal);
  };
  if (Number(message.headers['content-length'] ?? 0) > limit) return Promise.resolve('too large');
  message.on('data', (chunk: Buffer) => {
    if (size + chunk.length > limit) return refuse('too large');
    if (!room.take(chunk.length)) return refuse('no room');
    size += chunk.length;
    chunks.push(chunk);
  });
  message.on('end', () => resolve({ bytes: Buffer.concat(chunks, size), release }));
  message.on('error', (error) => {
    release();
    reject(error);
  });
  return promise;
}

/** Without the rest of the body the connection can't be used again. */
export function refuseBody(response: ServerResponse, refusal: BodyRefusal): void {
  response.setHeader('connection', 'close');
  sendResponse(
    response,
    refusal === 'too large' ? gatewayMessage(413, 'Request Entity Too Large') : notBegun,
  );
}
