import * as z from 'zod';

/** The heap of one isolate after a garbage collection. */
export interface HeapFigures {
  /** `host`, or the function that the worker runs. */
  readonly name: string;
  readonly usedMb: number;
  /** Buffers and other memory outside the isolate's heap. */
  readonly externalMb: number;
}

/** Inspects the heaps of a process started with `--inspect`, from outside. */
export interface HeapInspector {
  /** Collects garbage in all isolates, then measures them. */
  collect(): Promise<HeapFigures[]>;
  close(): void;
}

const MB = 1024 * 1024;
const usage = z.object({
  usedSize: z.number(),
  embedderHeapUsedSize: z.number().default(0),
  backingStorageSize: z.number().default(0),
});
const message = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  params: z
    .object({
      sessionId: z.string().optional(),
      message: z.string().optional(),
      workerInfo: z.object({ title: z.string() }).optional(),
    })
    .optional(),
  result: z.unknown().optional(),
});

type Send = (method: string, params?: object) => Promise<unknown>;

/**
 * Connects to the inspector of a process and through it to all its workers, including later ones.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/v8/ and Node's own domain `NodeWorker`
 */
export async function openHeapInspector(address: string): Promise<HeapInspector> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`No inspector answers at ${address}.`)), {
      once: true,
    });
  });
  const main = protocolSession((text) => socket.send(text));
  const workers = new Map<
    string,
    { readonly name: string; readonly session: ReturnType<typeof protocolSession> }
  >();

  socket.addEventListener('message', ({ data }) => {
    const { method, params } = main.receive(String(data));
    const { sessionId = '' } = params ?? {};
    if (method === 'NodeWorker.attachedToWorker') {
      const relay = (text: string) =>
        void main.send('NodeWorker.sendMessageToWorker', { sessionId, message: text });
      workers.set(sessionId, { name: nameOf(params?.workerInfo?.title), session: protocolSession(relay) });
    }
    if (method === 'NodeWorker.receivedMessageFromWorker')
      workers.get(sessionId)?.session.receive(params?.message ?? '');
    if (method === 'NodeWorker.detachedFromWorker') workers.delete(sessionId);
  });
  await main.send('NodeWorker.enable', { waitForDebuggerOnStart: false });

  return {
    collect: () =>
      Promise.all([
        heapOf('host', main.send),
        ...[...workers.values()].map(({ name, session }) => heapOf(name, session.send)),
      ]),
    close: () => socket.close(),
  };
}

async function heapOf(name: string, send: Send): Promise<HeapFigures> {
  await send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = usage.parse(
    await send('Runtime.getHeapUsage'),
  );
  return { name, usedMb: usedSize / MB, externalMb: (embedderHeapUsedSize + backingStorageSize) / MB };
}

/** `[worker 3] simulation` */
function nameOf(title = ''): string {
  return title.replace(/^\[worker \d+\] */, '');
}

/** Requests and responses of one protocol session. */
function protocolSession(write: (text: string) => void) {
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  return {
    send: (method: string, params: object = {}): Promise<unknown> => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      lastId += 1;
      waiting.set(lastId, resolve);
      write(JSON.stringify({ id: lastId, method, params }));
      return promise;
    },
    receive: (text: string) => {
      const received = message.parse(JSON.parse(text));
      waiting.get(received.id ?? 0)?.(received.result);
      waiting.delete(received.id ?? 0);
      return received;
    },
  };
}
