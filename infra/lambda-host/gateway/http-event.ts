import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { LOCAL_ACCOUNT_ID } from '../system.ts';

/** The parts of a request that events contain. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark; empty if there is none. */
  readonly query: string;
  /** Names and values alternate, as sent. */
  readonly rawHeaders: readonly string[];
  readonly protocol: string;
  readonly sourceIp: string;
  /** The port that the client reached. */
  readonly port: number;
  readonly receivedAt: Date;
  readonly requestId: string;
  readonly body: Buffer;
}

/** The parts of a request, once its body has been read. */
export function httpRequest(message: IncomingMessage, body: Buffer): HttpRequest {
  const url = message.url ?? '/';
  const queryStart = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: queryStart < 0 ? url : url.slice(0, queryStart),
    query: queryStart < 0 ? '' : url.slice(queryStart + 1),
    rawHeaders: message.rawHeaders,
    protocol: `HTTP/${message.httpVersion}`,
    sourceIp: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    port: message.socket.localPort ?? 0,
    receivedAt: new Date(),
    requestId: newRequestId(),
    body,
  };
}

/** API Gateway's ids are 11 bytes of base64 with an equals sign. */
function newRequestId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/**
 * The events of API Gateway's HTTP API and of function URLs, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */

/** Id and domain of the API or the function URL, which AWS assigns at deployment. */
export interface Endpoint {
  readonly apiId: string;
  readonly domainName: string;
}

/** What the events of an HTTP API name as its endpoint. */
export function httpApiEndpoint(region: string): Endpoint {
  return { apiId: 'local', domainName: `local.execute-api.${region}.amazonaws.com` };
}

/** What the events of a function URL name as its endpoint. */
export function functionUrlEndpoint(region: string): Endpoint {
  return { apiId: 'local', domainName: `local.lambda-url.${region}.on.aws` };
}

/** The function that answers a request, and how API Gateway names the route. */
export interface RouteMatch {
  readonly function: string;
  /** `GET /sales/{id}`, or `$default`. */
  readonly routeKey: string;
  /** Undefined where the route has none. */
  readonly pathParameters?: Readonly<Record<string, string>>;
}

/**
 * The event of an HTTP API. It has the path decoded and cookies taken out of the headers.
 *
 * @param decodedPath The path with its percent-encoding undone.
 */
export function httpApiEvent(
  request: HttpRequest,
  decodedPath: string,
  { routeKey, pathParameters }: RouteMatch,
  endpoint: Endpoint,
): APIGatewayProxyEventV2 {
  const { cookie: _cookie, ...headers } = eventHeaders(request);
  return {
    ...proxyEvent({ ...request, path: decodedPath }, headers, routeKey, endpoint),
    ...(pathParameters === undefined ? {} : { pathParameters }),
  };
}

/** The event of a function URL: the path as sent, cookies in the headers too. */
export function functionUrlEvent(request: HttpRequest, endpoint: Endpoint): APIGatewayProxyEventV2 {
  return proxyEvent(request, eventHeaders(request), '$default', endpoint);
}

function proxyEvent(
  request: HttpRequest,
  headers: Record<string, string>,
  routeKey: string,
  endpoint: Endpoint,
): APIGatewayProxyEventV2 {
  const cookies = cookiesOf(request.rawHeaders);
  const parameters = queryParameters(request.query);
  return {
    version: '2.0',
    routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(request.query === '' ? {} : { queryStringParameters: parameters }),
    requestContext: requestContext(request, headers, routeKey, endpoint),
    ...bodyOf(request, headers['content-type']),
  };
}

function requestContext(
  request: HttpRequest,
  headers: Record<string, string>,
  routeKey: string,
  { apiId, domainName }: Endpoint,
): APIGatewayProxyEventV2['requestContext'] {
  return {
    accountId: LOCAL_ACCOUNT_ID,
    apiId,
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    http: {
      method: request.method,
      path: request.path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: headers['user-agent'] ?? '',
    },
    requestId: request.requestId,
    routeKey,
    stage: '$default',
    time: commonLogTime(request.receivedAt),
    timeEpoch: request.receivedAt.getTime(),
  };
}

/** Lower-case names, repeated headers joined by commas, and the gateway's own headers. */
function eventHeaders(request: HttpRequest): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of headerPairs(request.rawHeaders)) {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  const forwardedFor = headers.get('x-forwarded-for');
  headers.set('x-forwarded-for', [forwardedFor, request.sourceIp].filter(Boolean).join(', '));
  headers.set('x-forwarded-port', String(request.port));
  headers.set('x-forwarded-proto', 'http');
  if (!headers.has('x-amzn-trace-id')) headers.set('x-amzn-trace-id', newTraceId(request.receivedAt));
  return Object.fromEntries(headers);
}

function headerPairs(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

function cookiesOf(rawHeaders: readonly string[]): string[] {
  return headerPairs(rawHeaders)
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => cookie !== '');
}

/** `Root=1-<time, 8 hex digits>-<24 hex digits>` */
function newTraceId(time: Date): string {
  const seconds = Math.floor(time.getTime() / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}

function queryParameters(query: string): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(parameters);
}

/** Bodies of these types are passed as text, all others in base64; no type at all counts as JSON. */
const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml|.*\+json|.*\+xml))$/i;

function bodyOf(
  { body }: HttpRequest,
  contentType = 'application/json',
): Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false };
  const mediaType = (contentType.split(';')[0] ?? '').trim();
  if (TEXT_TYPE.test(mediaType)) return { body: body.toString('utf8'), isBase64Encoded: false };
  return { body: body.toString('base64'), isBase64Encoded: true };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T');
  const [year, , day] = date.split('-');
  return `${day}/${MONTHS[time.getUTCMonth()]}/${year}:${clock.slice(0, 8)} +0000`;
}
