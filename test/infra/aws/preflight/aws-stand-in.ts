/** A loopback server that answers as AWS's services do, so that the SDK's own clients read recorded answers. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status?: number;
  /** XML or JSON. */
  readonly body: string;
  /** JSON 1.1 and REST services name their errors in this header. */
  readonly errorType?: string;
}

/** A request: what is asked, by the name of the API's operation, such as `rds.DescribeDBEngineVersions`. */
export interface Asked {
  readonly operation: string;
  readonly region: string;
  /** The parameters of Query services; the path of REST services. */
  readonly parameters: URLSearchParams;
  /** With the query. */
  readonly path: string;
  readonly body: string;
}

export interface AwsStandIn {
  readonly url: string;
  /** Every request so far. */
  readonly asked: readonly Asked[];
  close(): void;
}

/** @param answerTo Answers a request; undefined for "access denied". */
export async function startAws(answerTo: (asked: Asked) => Answer | undefined): Promise<AwsStandIn> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const each = read(request, body);
    asked.push(each);
    const { status, body: text, errorType } = answerTo(each) ?? denied(each);
    response.writeHead(status ?? 200, {
      'content-type': text.startsWith('<') ? 'text/xml' : 'application/json',
      ...(errorType ? { 'x-amzn-errortype': errorType } : {}),
    });
    response.end(text);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() };
}

/** The last part of REST paths, by service. */
const REST: Readonly<Record<string, readonly [RegExp, string][]>> = {
  lambda: [
    [/^\/2016-08-19\/account-settings/, 'GetAccountSettings'],
    [/\/concurrency$/, 'GetFunctionConcurrency'],
  ],
  kafka: [[/^\/v1\/kafka-versions/, 'ListKafkaVersions']],
  cloudfront: [[/\/distribution$/, 'ListDistributions']],
};

function read(request: IncomingMessage, body: string): Asked {
  const [, region = '', service = ''] =
    /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const url = new URL(request.url ?? '/', 'http://aws');
  const parameters = new URLSearchParams(body);
  const rest = REST[service]?.find(([path]) => path.test(url.pathname))?.[1];
  const target = request.headers['x-amz-target']?.toString().split('.').at(-1);
  const action = parameters.get('Action') ?? target ?? rest ?? url.pathname;
  return {
    operation: `${service}.${action}`,
    region,
    parameters,
    path: `${url.pathname}${url.search}`,
    body,
  };
}

function denied({ operation }: Asked): Answer {
  const message = `User: arn:aws:iam::111122223333:user/ada is not authorized to perform: ${operation.replace('.', ':')}`;
  if (/^(ssm|lambda|kafka|events)\./.test(operation)) {
    return { status: 400, errorType: 'AccessDeniedException', body: JSON.stringify({ message }) };
  }
  if (operation.startsWith('ec2.')) {
    const body = `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`;
    return { status: 403, body };
  }
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  return { status: 403, body };
}
