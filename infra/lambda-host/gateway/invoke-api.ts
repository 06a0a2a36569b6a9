/**
 * The Invoke operation of Lambda's API, for an unchanged AWS SDK.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Functions } from '../runtime/functions.ts';
import { wholePayload } from '../runtime/handler-result.ts';
import { functionArn } from '../system.ts';
import { type RequestHandler, readBody } from './http-server.ts';
import { refusalOf } from './same-origin.ts';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** `name`, `name:qualifier`, a partial ARN `account:function:name`, or a full one. */
const FUNCTION_NAME = /^(?:(?:arn:aws:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+)(?::[\w$-]+)?$/;

export interface InvokeApiOptions {
  readonly functions: Pick<Functions, 'has' | 'streams' | 'invoke'>;
  /** Invokes without an answer, as invocation type `Event` does. */
  readonly invokeAsync: (name: string, event: string) => void;
  readonly region: string;
}

/** An error of the API rather than of a function. */
interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

interface Invocation {
  readonly name: string;
  readonly event: string;
  readonly type: 'RequestResponse' | 'Event' | 'DryRun';
}

/** Answers the requests that an AWS SDK sends to invoke a function: `POST /2015-03-31/functions/{name}/invocations`. */
export function createInvokeApi({ functions, invokeAsync, region }: InvokeApiOptions): RequestHandler {
  return async (message, response) => {
    const body = await readBody(message, MAX_EVENT_BYTES);
    await invoke(readInvocation(message, body), response);
  };

  async function invoke(invocation: Invocation | Refusal, response: ServerResponse): Promise<void> {
    if ('status' in invocation) return refuse(response, invocation);
    const { name, event, type } = invocation;
    if (!functions.has(name) || functions.streams(name)) return refuse(response, unknownFunction(name));
    if (type === 'RequestResponse') return answer(response, name, event);
    if (type === 'Event') invokeAsync(name, event);
    send(response, type === 'Event' ? 202 : 204, {}, '');
  }

  async function answer(response: ServerResponse, name: string, event: string): Promise<void> {
    const result = await functions.invoke(name, event);
    const { error, requestId } = result;
    if (error?.errorType === 'TooManyRequestsException') {
      return refuse(response, { status: 429, type: error.errorType, message: error.errorMessage });
    }
    const headers = {
      'x-amzn-requestid': requestId,
      'x-amz-executed-version': '$LATEST',
      ...(error ? { 'x-amz-function-error': 'Unhandled' } : {}),
    };
    send(response, 200, headers, wholePayload(result));
  }

  function unknownFunction(name: string): Refusal {
    const arn = functionArn(region, name);
    return { status: 404, type: 'ResourceNotFoundException', message: `Function not found: ${arn}` };
  }
}

function readInvocation(message: IncomingMessage, body: Buffer | null): Invocation | Refusal {
  if (refusalOf(message.method, message.headers)) {
    return { status: 403, type: 'AccessDeniedException', message: 'Only this machine itself may invoke.' };
  }
  // A page of another site can't send this header without a preflight.
  if (!message.headers.authorization?.startsWith('AWS4-')) {
    const type = 'MissingAuthenticationTokenException';
    return { status: 403, type, message: 'Missing Authentication Token' };
  }
  const name = functionNameOf(message.url ?? '');
  if (message.method !== 'POST' || name === null) {
    const type = 'UnknownOperationException';
    return { status: 404, type, message: 'This endpoint answers Invoke alone.' };
  }
  if (body === null) {
    const limit = `Request must be smaller than ${MAX_EVENT_BYTES} bytes for the InvokeFunction operation`;
    return { status: 413, type: 'RequestTooLargeException', message: limit };
  }
  const event = body.length === 0 ? '{}' : body.toString('utf8');
  if (!isJson(event)) {
    const type = 'InvalidRequestContentException';
    return { status: 400, type, message: 'Could not parse request body into json.' };
  }
  const type = message.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'RequestResponse' || type === 'Event' || type === 'DryRun') return { name, event, type };
  const problem = `There is no invocation type ${JSON.stringify(type)}.`;
  return { status: 400, type: 'InvalidParameterValueException', message: problem };
}

function functionNameOf(url: string): string | null {
  const given = PATH.exec(url.split('?')[0] ?? '')?.[1] ?? '';
  return FUNCTION_NAME.exec(given.replaceAll(/%3a/gi, ':').replaceAll(/%24/g, '$'))?.[1] ?? null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, { status, type, message }: Refusal): void {
  // The rest of the refused body may still arrive: the connection can't be used again.
  if (status === 413) response.setHeader('connection', 'close');
  send(response, status, { 'x-amzn-errortype': type }, JSON.stringify({ Type: 'User', Message: message }));
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    'content-type': 'application/json',
    ...headers,
  });
  response.end(body);
}
