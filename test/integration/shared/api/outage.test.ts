import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { functions, httpRoutes } from '../../../../infra/system.ts';
import { errorTable } from '../../../../shared/api/errors.ts';
import { type RouteDeclaration, routeKey } from '../../../../shared/api/route.ts';
import type { ApiFunction } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, jsonEvent } from '../../../support/api-events.ts';
import { startStopwatch } from '../../../support/stopwatch.ts';

/** A local port without a listener (tcpmux). */
const CLOSED = 1;

/** A server that accepts connections but never responds, as if it were frozen. */
async function silentServer(): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, close };
}

/** The AWS SDK reads its settings on first use. */
afterAll(() => void vi.unstubAllEnvs());

/** The deployed handlers, with one port for all dependencies. */
async function handlersOn(port: number): Promise<Record<string, ApiFunction>> {
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'outage',
    AWS_SECRET_ACCESS_KEY: 'outage',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    TABLE_NAME: 'simulation',
    MYSQL_HOST: '127.0.0.1',
    MYSQL_PORT: String(port),
    MYSQL_DATABASE: 'retail',
    MYSQL_USER: 'retail',
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    KAFKA_TOPIC: 'sales-events',
    KAFKA_CONSUMER_GROUP: 'sales-consumer',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    ...functions.system.environment,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.resetModules();
  const [simulation, sales, system] = await Promise.all([
    import('../../../../functions/simulation/handler.ts'),
    import('../../../../functions/sales/handler.ts'),
    import('../../../../functions/system/handler.ts'),
  ]);
  return { simulation: simulation.handler, sales: sales.handler, system: system.handler };
}

const NAMES = ['simulation', 'sales', 'system'];

/** The documentation consists of local files, and a redirect needs nothing at all. */
const needsNoDependency = ({ file, redirect }: RouteDeclaration) => Boolean(file ?? redirect);

/** A valid request for every route with a dependency. */
const requests = httpRoutes
  .filter((each) => NAMES.includes(each.function) && !needsNoDependency(each.route))
  .map(({ route, function: name }) => {
    const key = routeKey(route) === 'GET /health' ? 'GET /health?deep=1' : routeKey(route);
    const body = { dates: ['2022-01-01'], total: 100 };
    return { key, name, event: route.body ? jsonEvent(key, body) : apiEvent(key) };
  });

async function timed<Result>(work: Promise<Result>): Promise<{ result: Result; seconds: number }> {
  const stopwatch = startStopwatch();
  const result = await work;
  return { result, seconds: stopwatch.stop() };
}

describe('with all dependencies gone', () => {
  let handlers: Record<string, ApiFunction>;
  beforeAll(async () => {
    handlers = await handlersOn(CLOSED);
  });

  it.each(requests)('$key promptly reports the outage, with Retry-After', async ({ name, event }) => {
    const { result, seconds } = await timed(ask(handlers[name] ?? expect.unreachable(), event));
    expect(result.json).toMatchObject({ status: 503, code: 'dependency_unavailable' });
    expect(result.headers['retry-after']).toMatch(/^\d+$/);
    expect(seconds).toBeLessThan(9);
  });
});

describe('with all dependencies frozen', () => {
  let silent: Awaited<ReturnType<typeof silentServer>>;
  let handlers: Record<string, ApiFunction>;
  beforeAll(async () => {
    silent = await silentServer();
    handlers = await handlersOn(silent.port);
  });
  afterAll(() => silent.close());

  it('with frozen dependencies, every route answers in bounded time, and changes report an unknown outcome', async () => {
    const asked = requests.map(async ({ key, name, event }) => {
      const { result, seconds } = await timed(ask(handlers[name] ?? expect.unreachable(), event));
      expect(seconds, key).toBeLessThan(10);
      return { key, status: result.statusCode, code: result.json.code };
    });
    for (const { key, status, code } of await Promise.all(asked)) {
      const isChange = key.startsWith('POST');
      expect(status, key).toBe(errorTable.dependency_unavailable.status);
      expect(
        isChange ? ['outcome_unknown', 'dependency_unavailable'] : ['dependency_unavailable'],
        key,
      ).toContain(code);
      if (key === 'POST /simulation/next-day') expect(code).toBe('outcome_unknown');
    }
  });
});
