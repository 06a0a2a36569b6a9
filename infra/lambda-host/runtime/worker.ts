/**
 * Runs in a worker thread, as Lambda's runtime runs in an environment: imports one handler once, then answers invocations.
 * A streaming handler runs many at a time; a buffered one gets them one by one from the host.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { Context } from 'aws-lambda';
import { functionArn } from '../system.ts';
import { handlerResult } from './handler-result.ts';
import { functionErrorOf } from './invocation-result.ts';
import { openPendingChunks } from './pending-chunks.ts';
import type { FromWorker, InvokeMessage, ToWorker, WorkerSettings } from './protocol.ts';
import { awslambda, ResponseStream, STREAMING_HANDLER } from './response-stream.ts';

/** The context of an invocation. Lambda removed the callback functions of old runtimes with Node 24. */
type LambdaContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

type BufferedHandler = (event: unknown, context: LambdaContext) => unknown;
type StreamingHandler = (event: unknown, stream: ResponseStream, context: LambdaContext) => unknown;
type Loaded =
  | { readonly streaming: false; readonly handler: BufferedHandler }
  | { readonly streaming: true; readonly handler: StreamingHandler };

if (!parentPort) throw new Error('worker.ts runs only in a worker thread of the host.');
const host = parentPort;
const settings: WorkerSettings = workerData;
const logStreamName = `local/[$LATEST]${randomUUID().replaceAll('-', '')}`;
const streams = new Map<number, ResponseStream>();
const pending = openPendingChunks((frame) => host.postMessage(frame, [frame.bytes]));

// It has had its effect, and the function must not see it.
delete process.env.NODE_COMPILE_CACHE;
Object.assign(globalThis, { awslambda });
const loaded = await load();
host.on('message', (message: ToWorker) => receive(message));
send({ kind: 'ready', streaming: loaded.streaming });

function send(message: FromWorker): void {
  host.postMessage(message);
}

async function load(): Promise<Loaded> {
  try {
    const { handler } = await import(settings.entry);
    if (typeof handler !== 'function')
      throw new TypeError(`${settings.entry} exports no function "handler".`);
    return { handler, streaming: handler[STREAMING_HANDLER] === 'response' };
  } catch (error) {
    send({ kind: 'start-failed', error: functionErrorOf(error) });
    process.exit(1);
  }
}

function receive(message: ToWorker): void {
  switch (message.kind) {
    case 'invoke':
      return void invoke(message);
    case 'credit':
      for (const [id, bytes] of message.credits) streams.get(id)?.credit(bytes);
      return;
    case 'abort':
      for (const id of message.ids) streams.get(id)?.abort();
      return;
    case 'shutdown':
      process.emit('SIGTERM', 'SIGTERM');
  }
}

async function invoke(message: InvokeMessage): Promise<void> {
  const context = lambdaContext(settings, message, logStreamName);
  try {
    const event: unknown = JSON.parse(message.event);
    if (loaded.streaming) await stream(message.id, event, loaded.handler, context);
    else await answer(message.id, event, loaded.handler, context);
  } catch (error) {
    send({ kind: 'failure', id: message.id, error: functionErrorOf(error) });
  }
}

async function answer(
  id: number,
  event: unknown,
  handler: BufferedHandler,
  context: LambdaContext,
): Promise<void> {
  const result = handlerResult(await handler(event, context));
  host.postMessage(
    { kind: 'result', id, ...result } satisfies FromWorker,
    result.body ? [result.body.buffer] : [],
  );
}

/** The invocation lasts until its stream closes; a handler that rejects breaks its stream off. */
async function stream(
  id: number,
  event: unknown,
  handler: StreamingHandler,
  context: LambdaContext,
): Promise<void> {
  const response = new ResponseStream(id, pending);
  streams.set(id, response);
  response.on('close', () => streams.delete(id));
  // The handler sees the stream's state; without a listener the error would end the worker.
  response.on('error', () => undefined);
  try {
    await handler(event, response, context);
  } catch (error) {
    if (response.closedByClient) return;
    pending.break(id, functionErrorOf(error));
    response.abort();
  }
}

function lambdaContext(
  { functionName, memoryMb, region }: WorkerSettings,
  invocation: Pick<InvokeMessage, 'requestId' | 'deadline'>,
  logStreamName: string,
): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn(region, functionName),
    memoryLimitInMB: String(memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}
