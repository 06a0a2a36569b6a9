/** All functions, each with as many execution environments as its invocations need, like Lambda. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';

export interface RicFunction {
  /** The folder of the bundle. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface RicFunctions {
  /** Where `forward.ts` and `forward-stream.ts` send events, followed by the function's name. */
  readonly url: string;
  /** Number of invocations by function. */
  readonly invocations: ReadonlyMap<string, number>;
  /** What failed invocations responded with. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

interface Options {
  readonly client: string;
  /** Called at the first invocation: some variables contain addresses that are known late. */
  readonly functionOf: (name: string) => RicFunction;
  readonly onOutput: (name: string, text: string) => void;
}

export async function serveFunctions({ client, functionOf, onOutput }: Options): Promise<RicFunctions> {
  const idle = new Map<string, ExecutionEnvironment[]>();
  const all = new Set<ExecutionEnvironment>();
  const invocations = new Map<string, number>();
  const failures: string[] = [];

  async function environmentOf(name: string): Promise<ExecutionEnvironment> {
    const free = idle.get(name)?.pop();
    if (free) return free;
    const { directory, variables } = functionOf(name);
    const started = await startEnvironment({
      client,
      directory,
      variables,
      onOutput: (text) => onOutput(name, text),
    });
    all.add(started);
    return started;
  }

  async function invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? '').slice(1);
    const event = Buffer.concat(await request.toArray()).toString();
    const environment = await environmentOf(name);
    invocations.set(name, (invocations.get(name) ?? 0) + 1);
    const answer = environment.invoke(event, {
      timeoutMs: functionOf(name).timeoutMs,
      functionArn: `arn:aws:lambda:us-east-1:111122223333:function:${name}`,
    });
    const crashed = environment.ended.then((text) => Promise.reject(new Error(`${name} ended:\n${text}`)));
    const result = await Promise.race([answer, crashed]);
    if (result.kind === 'stream') {
      response.writeHead(200, { 'content-type': result.contentType });
      // As on Lambda, the function isn't told that the viewer has gone.
      result.body.on('data', (chunk) => void (response.writable && response.write(chunk)));
      await once(result.body, 'end');
      response.end();
    } else {
      if (result.kind === 'error') failures.push(`${name}: ${result.payload}`);
      response.writeHead(result.kind === 'error' ? 500 : 200).end(result.payload);
    }
    idle.set(name, [...(idle.get(name) ?? []), environment]);
  }

  const server = createServer((request, response) => {
    invoke(request, response).catch((error: Error) => {
      failures.push(error.message);
      const payload = JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: error.message });
      if (!response.headersSent) response.writeHead(500);
      response.end(payload);
    });
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations,
    failures,
    async stop() {
      server.closeAllConnections();
      server.close();
      await Promise.all([...all].map((environment) => environment.stop()));
    },
  };
}
