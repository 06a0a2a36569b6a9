import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy whose connection to a server a test can impair and restore. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks all connections and refuses new ones, as if the server were gone. */
  cut(): void;
  restore(): void;
  /** Breaks open connections; new ones succeed. */
  breakConnections(): void;
  /** Delays what clients send by this many milliseconds. 0 for none. */
  delay(milliseconds: number): void;
  /**
   * While on, data vanishes silently, as behind a firewall that forgot the connection. A connection that
   * lost bytes stays silent for good, since TCP can't continue after a gap.
   */
  swallow(on: boolean): void;
  /** Calls back when a client next sends a text, before it is forwarded. @returns a function that cancels it. */
  onceSent(text: string, act: (client: Pick<ProxiedClient, 'loseAnswer'>) => void): () => void;
  /** Ends every impairment and cancels all callbacks. */
  heal(): void;
  close(): Promise<void>;
}

interface ProxiedClient {
  /** Forwards the current request; when the server answers, the connection breaks and the answer is lost. */
  loseAnswer(): void;
}

/** @param listenPort 0 lets the system choose one. */
export async function openTcpProxy(host: string, port: number, listenPort = 0): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let isCut = false;
  let delayMs = 0;
  let swallows = false;
  let watchers: { readonly text: string; readonly act: (client: ProxiedClient) => void }[] = [];

  const server = createServer((socket) => {
    if (isCut) return void socket.resetAndDestroy();
    const upstream = connect(port, host);
    let isSilent = false;
    let losesAnswer = false;
    const client: ProxiedClient = {
      loseAnswer: () => {
        losesAnswer = true;
      },
    };
    for (const one of [socket, upstream]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        socket.destroy();
        upstream.destroy();
      });
    }
    const passes = () => {
      isSilent ||= swallows;
      return !isSilent;
    };
    forward(
      socket,
      upstream,
      (chunk) => {
        for (const watcher of watchers.filter(({ text }) => chunk.includes(text))) {
          watchers = watchers.filter((one) => one !== watcher);
          watcher.act(client);
        }
        return passes();
      },
      () => delayMs,
    );
    forward(
      upstream,
      socket,
      () => {
        if (losesAnswer) socket.resetAndDestroy();
        return passes() && !losesAnswer;
      },
      () => 0,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenPort, '127.0.0.1', resolve);
  });
  const breakConnections = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const cut = () => {
    isCut = true;
    breakConnections();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    restore: () => {
      isCut = false;
    },
    breakConnections,
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    swallow: (on) => {
      swallows = on;
    },
    onceSent: (text, act) => {
      const watcher = { text, act };
      watchers.push(watcher);
      return () => {
        watchers = watchers.filter((one) => one !== watcher);
      };
    },
    heal: () => {
      isCut = false;
      delayMs = 0;
      swallows = false;
      watchers = [];
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Forwards data in order, unless it is refused, and the end of the stream. */
function forward(from: Socket, to: Socket, accepts: (chunk: Buffer) => boolean, delayMs: () => number): void {
  const waiting: { readonly dueAt: number; readonly act: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function drain(): void {
    timer = undefined;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const left = first.dueAt - performance.now();
      if (left > 0) {
        timer = setTimeout(drain, left);
        return;
      }
      waiting.shift();
      first.act();
    }
  }

  function later(act: () => void): void {
    waiting.push({ dueAt: performance.now() + delayMs(), act });
    if (timer === undefined) drain();
  }

  from.on('data', (chunk: Buffer) => {
    if (!accepts(chunk)) return;
    later(() => {
      if (to.writable && !to.write(chunk)) from.pause();
    });
  });
  to.on('drain', () => from.resume());
  from.on('end', () => later(() => void to.end()));
}
