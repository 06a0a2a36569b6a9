import type { Context } from 'aws-lambda';
import { expect } from 'vitest';
import { type ApiFunction, type ApiOptions, createApiHandler } from '../../shared/http/api-handler.ts';
import type { LogWriter } from '../../shared/http/request-log.ts';
import type { ApiEvent, ApiResponse } from '../../shared/http/request-state.ts';
import { type DocumentChecker, documentChecker } from './documented.ts';

export interface RequestParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  /** False: the gateway found no route. */
  readonly routed?: boolean;
}

/** The API Gateway event of a request such as `GET /sales/recent?limit=5`. */
export function apiEvent(request: string, parts: RequestParts = {}): ApiEvent {
  const [method = '', target = ''] = request.split(' ');
  const [path = '', query = ''] = target.split('?');
  return {
    version: '2.0',
    routeKey: parts.routed === false ? '$default' : `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'localhost', ...parts.headers },
    isBase64Encoded: parts.isBase64Encoded ?? false,
    ...(parts.body === undefined ? {} : { body: parts.body }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
  };
}

/** A request with a JSON body. */
export function jsonEvent(request: string, body: unknown, headers: Record<string, string> = {}): ApiEvent {
  return apiEvent(request, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The context of an invocation without a time limit. */
export function lambdaContext(parts: Partial<Context> = {}): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:test',
    memoryLimitInMB: '512',
    awsRequestId: 'invocation-1',
    logGroupName: '/aws/lambda/test',
    logStreamName: 'test',
    getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
    ...parts,
  };
}

/** A handler of routes that needs no context to be called. */
export function apiHandler(options: ApiOptions) {
  const handler = createApiHandler(options);
  return (event: ApiEvent, context: Partial<Context> = {}) => handler(event, lambdaContext(context));
}

/**
 * Sends an event to a handler and parses the JSON response. Every response of a declared route must be documented.
 */
export async function ask(handler: ApiFunction, event: ApiEvent) {
  const response: ApiResponse = await handler(event, lambdaContext());
  await expectDocumented(event, response);
  return { ...response, json: response.body === '' ? null : JSON.parse(response.body) };
}

let checker: Promise<DocumentChecker> | undefined;

async function expectDocumented(event: ApiEvent, response: ApiResponse): Promise<void> {
  checker ??= documentChecker();
  const { document, check } = await checker;
  const [method = '', template = ''] = event.routeKey.split(' ');
  // Tests of shared/http declare routes of their own.
  if (document.paths[template] === undefined) return;
  const { statusCode: status, headers, body } = response;
  expect(check({ method, path: event.rawPath, status, headers, body })).toEqual([]);
}

/** A logger that records its lines. */
export function recordingLog() {
  const lines: { level: 'info' | 'warn' | 'error'; message: unknown; details: unknown[] }[] = [];
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (message: unknown, ...details: unknown[]) => {
      lines.push({ level, message, details });
    };
  const log: LogWriter = { info: write('info'), warn: write('warn'), error: write('error') };
  return { log, lines, text: () => JSON.stringify(lines) };
}
