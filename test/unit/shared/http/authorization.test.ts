import { describe, expect, it } from 'vitest';
import { readHealth } from '../../../../shared/api/system.ts';
import { createApiHandler, implement } from '../../../../shared/http/api-handler.ts';
import { originSettings } from '../../../../shared/http/authorization.ts';
import { apiEvent, lambdaContext, recordingLog } from '../../../support/api-events.ts';

function handlerWith(originSecrets?: readonly string[]) {
  const { log } = recordingLog();
  const handler = createApiHandler({
    routes: [implement(readHealth, () => ({ status: 'ok', service: 'api' }) as const)],
    fallback: () => ({ statusCode: 418, headers: {}, body: '' }),
    log,
    ...(originSecrets ? { originSecrets } : {}),
  });
  return async (request: string, headers: Record<string, string> = {}, routed = true) =>
    handler(apiEvent(request, { headers, routed }), lambdaContext());
}

describe('the origin secret', () => {
  it.each([
    ['no secret', {}],
    ['an empty secret', { 'x-origin-secret': '' }],
    ['a wrong secret', { 'x-origin-secret': 'currenT' }],
    ['the beginning of the secret', { 'x-origin-secret': 'curren' }],
    ['both secrets as the setting lists them', { 'x-origin-secret': 'current,previous' }],
  ])('a request with %s gets 403, for health as well', async (_, headers) => {
    const { statusCode, body } = await handlerWith(['current', 'previous'])('GET /health', headers);
    expect(statusCode).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'forbidden' });
    expect(body).not.toContain('current');
  });

  it.each(['current', 'previous'])('a request with the %s secret is answered', async (secret) => {
    const answer = await handlerWith(['current', 'previous'])('GET /health', { 'x-origin-secret': secret });
    expect(answer.statusCode).toBe(200);
  });

  it('a request without a route and one that is too large are refused before anything else', async () => {
    const ask = handlerWith(['current']);
    expect((await ask('GET /nothing', {}, false)).statusCode).toBe(403);
    expect((await ask(`GET /health?x=${'x'.repeat(5_000)}`)).statusCode).toBe(403);
    expect((await ask('GET /nothing', { 'x-origin-secret': 'current' }, false)).statusCode).toBe(418);
  });

  it('a function without accepted secrets answers every request', async () => {
    expect((await handlerWith()('GET /health')).statusCode).toBe(200);
    expect((await handlerWith([])('GET /health', { 'x-origin-secret': 'anything' })).statusCode).toBe(200);
  });

  it('the setting lists secrets separated by commas, none by default', () => {
    expect(originSettings.parse({}).ORIGIN_SECRETS).toEqual([]);
    expect(originSettings.parse({ ORIGIN_SECRETS: '' }).ORIGIN_SECRETS).toEqual([]);
    expect(originSettings.parse({ ORIGIN_SECRETS: 'a,b' }).ORIGIN_SECRETS).toEqual(['a', 'b']);
  });
});
