import { describe, expect, it } from 'vitest';
import { REDACTED, redact } from '../../../../shared/observability/logger.ts';

function logged(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, redact));
}

describe('a log line', () => {
  it.each([
    'password',
    'MYSQL_PASSWORD',
    'authorization',
    'Authorization',
    'api_token',
    'apiKey',
    'set-cookie',
    'secret',
  ])('a log line never shows the value of %s, at any depth', (key) => {
    expect(logged({ a: [{ [key]: 'hunter2' }] })).toEqual({ a: [{ [key]: REDACTED }] });
    expect(JSON.stringify(logged({ [key]: { nested: ['hunter2'] } }))).not.toContain('hunter2');
  });

  it('a log line shows all other values', () => {
    const line = { trace_id: 'abc', days: 3, nothing: null, list: [1, { ok: true }] };
    expect(logged(line)).toEqual(line);
  });
});
