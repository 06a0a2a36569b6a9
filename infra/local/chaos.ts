/** Breaks a part of the running system on request, for a few seconds: the demonstration that nothing is lost or doubled. */
import * as z from 'zod';
import { type ErrorCode, errorTable, type FieldProblem, HttpProblem } from '../../shared/api/errors.ts';
import { requireToken } from '../../shared/http/authorization.ts';
import type { OwnRequest, OwnRoutes } from '../lambda-host/gateway/gateway.ts';
import type { GatewayResponse } from '../lambda-host/gateway/http-response.ts';
import type { LambdaHost } from '../lambda-host/host.ts';
import type { HostLog } from '../lambda-host/log.ts';
import type { ServerName } from './servers/addresses.ts';
import type { BreakableServer } from './servers/managed-server.ts';

/** Functions and servers that can be broken. */
const FUNCTIONS = ['consumer', 'producer'] as const;
const PARTS = [...FUNCTIONS, 'kafka', 'mysql', 'dynamodb'] as const;
type Part = (typeof PARTS)[number];

/** `kill` ends the part at once and keeps it down; `pause` suspends it. */
const faultSchema = z.object({
  action: z.enum(['kill', 'pause']),
  seconds: z.int().min(1).max(30),
});
type Fault = z.infer<typeof faultSchema>;

const MAX_BODY_BYTES = 1_024;
const PATH = /^\/chaos(?:\/([^/?]*))?(?:\?|$)/;

export interface ChaosOptions {
  /** The servers that can be broken. */
  readonly servers: ReadonlyMap<ServerName, BreakableServer>;
  readonly functions: LambdaHost['functions'];
  /** The token that changes must carry; empty for none. */
  readonly apiToken: string;
  readonly log: HostLog;
  /** Called if a killed server doesn't start again. */
  readonly onFailure: (error: unknown) => void;
}

export interface Chaos {
  readonly routes: OwnRoutes;
  /** Ends every fault, so that servers can be stopped in order. */
  stop(): Promise<void>;
}

/** One running fault. */
interface Running extends Fault {
  readonly endsAt: string;
  /** Resolves when the fault has begun. @throws if it can't. */
  readonly begun: Promise<unknown>;
  /** Ends it early or in time; resolves when the part works again. */
  end(): Promise<void>;
}

/**
 * Answers `GET /chaos`, the parts that can be broken and the faults that run, and `POST /chaos/{part}`, a fault with the
 * body `{"action":"kill"|"pause","seconds":1–30}`. A fault ends by itself. A part has one fault at a time. The routes
 * throw the server's error if a fault can't begin; an error while a fault ends in time is passed to `onFailure`.
 */
export function createChaos({ servers, functions, apiToken, log, onFailure }: ChaosOptions): Chaos {
  const running = new Map<Part, Running>();
  const stopping = new AbortController();

  function begin(part: Part, fault: Fault): Running {
    const begun = faultOf(part, fault);
    let ended: Promise<void> | undefined;
    const end = async () => {
      clearTimeout(timer);
      const undo = await begun.catch(() => null);
      try {
        await undo?.();
      } finally {
        running.delete(part);
      }
      if (undo) log.write('INFO', `${part} is back.`);
    };
    const entry: Running = {
      ...fault,
      endsAt: new Date(Date.now() + fault.seconds * 1_000).toISOString(),
      begun,
      end: () => {
        ended ??= end();
        return ended;
      },
    };
    const timer = setTimeout(() => entry.end().catch(onFailure), fault.seconds * 1_000);
    running.set(part, entry);
    return entry;
  }

  /** Begins a fault. Returns what ends it. */
  async function faultOf(part: Part, { action }: Fault): Promise<() => Promise<void>> {
    if (isFunction(part)) {
      functions.hold(part, true);
      if (action === 'kill') await functions.crash(part);
      return async () => functions.hold(part, false);
    }
    const server = servers.get(part);
    if (!server) throw new Error(`${part} can't be broken.`);
    if (action === 'pause') {
      await server.pause();
      return async () => server.resume();
    }
    await server.kill();
    return async () => {
      if (stopping.signal.aborted) return;
      await server.start(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    };
  }

  const canBreak = (part: Part) => isFunction(part) || servers.has(part);

  async function injectFault(part: Part, request: OwnRequest): Promise<GatewayResponse> {
    if (apiToken !== '') requireToken(request.headers.authorization, apiToken);
    const body = await request.body(MAX_BODY_BYTES);
    if (body === null) return problem('payload_too_large', `The body may have ${MAX_BODY_BYTES} bytes.`);
    const parsed = faultSchema.safeParse(parseJson(body));
    if (!parsed.success) return invalidFault(parsed.error);
    if (!canBreak(part)) {
      return problem(
        'not_found',
        `${part} is neither a process nor a container of this start, so it can't be broken: start with npm start -- --servers native.`,
      );
    }
    const current = running.get(part);
    if (current) {
      return problem(
        'invalid_request',
        `${part} is broken already: ${current.action} ends at ${current.endsAt}.`,
      );
    }
    if (stopping.signal.aborted)
      return problem('invalid_request', 'The system is shutting down; nothing can be broken now.');
    const entry = begin(part, parsed.data);
    try {
      await entry.begun;
    } catch (error) {
      await entry.end();
      throw error;
    }
    log.write('WARN', `${part}: ${entry.action} for ${entry.seconds} s, requested by POST /chaos/${part}.`);
    return json(202, { part, action: entry.action, seconds: entry.seconds, ends_at: entry.endsAt });
  }

  function overview(): GatewayResponse {
    const parts = PARTS.filter(canBreak).map((part) => {
      const { action, endsAt } = running.get(part) ?? {};
      return { part, fault: action === undefined ? null : { action, ends_at: endsAt } };
    });
    return json(200, { parts });
  }

  return {
    async routes(request) {
      const match = PATH.exec(request.url);
      if (!match) return null;
      const [, name] = match;
      if (name === undefined) return request.method === 'GET' ? overview() : methodNotAllowed('GET');
      const part = PARTS.find((each) => each === name);
      if (part === undefined)
        return problem('not_found', `There is no part ${name}; there are ${PARTS.join(', ')}.`);
      if (request.method !== 'POST') return methodNotAllowed('POST');
      return injectFault(part, request).catch((error: unknown) => {
        if (!(error instanceof HttpProblem)) throw error;
        const response = problem(error.code, error.message);
        return { ...response, headers: { ...response.headers, ...error.headers } };
      });
    },
    async stop() {
      stopping.abort();
      await Promise.all([...running.values()].map(({ end }) => end()));
    },
  };
}

/** The routes of a host that breaks nothing. The page asks what can be, and a 404 would be an error in its console. */
export const noChaos: OwnRoutes = async ({ method, url }) =>
  method === 'GET' && url === '/chaos' ? json(200, { parts: [] }) : null;

function isFunction(part: Part): part is (typeof FUNCTIONS)[number] {
  return FUNCTIONS.some((name) => name === part);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function invalidFault(error: z.ZodError): GatewayResponse {
  const fields = error.issues.map(({ path, message }) => ({ field: ['body', ...path].join('.'), message }));
  const detail = 'The body must be like {"action":"kill","seconds":5}: kill or pause, for 1 to 30 seconds.';
  return problem('invalid_request', detail, fields);
}

function methodNotAllowed(allow: string): GatewayResponse {
  const response = problem('method_not_allowed', `This path supports ${allow}.`);
  return { ...response, headers: { ...response.headers, allow } };
}

function problem(code: ErrorCode, detail: string, errors: readonly FieldProblem[] = []): GatewayResponse {
  const { status, title } = errorTable[code];
  const document = { type: `urn:problem-type:${code}`, title, status, detail, code };
  return json(status, errors.length > 0 ? { ...document, errors } : document, 'application/problem+json');
}

function json(statusCode: number, value: unknown, contentType = 'application/json'): GatewayResponse {
  const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
  return { statusCode, headers, cookies: [], body: Buffer.from(JSON.stringify(value)) };
}
