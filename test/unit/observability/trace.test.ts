import { describe, expect, it } from 'vitest';
import { newTraceparent, traceIdOf, traceparentOf } from '../../../shared/observability/trace.ts';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('the trace of a request', () => {
  it('is the one its header names', () => {
    expect(traceparentOf({ traceparent: given })).toBe(given);
    expect(traceIdOf(given)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('is the one of X-Ray if there is no other', () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    expect(traceIdOf(traceparentOf({ 'x-amzn-trace-id': header }))).toBe('5759e988bd862e3fe1be46a994272793');
  });

  it.each([
    ['no header', undefined],
    ['an unknown version', given.replace('00-', 'ff-')],
    ['a trace id of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    ['a parent id of zeros', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
    ['nonsense', 'x'],
  ])('is a new one with %s', (_case, traceparent) => {
    const made = traceparentOf({ traceparent });
    expect(made).not.toBe(traceparent);
    expect(traceIdOf(made)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is new every time', () => {
    expect(newTraceparent()).not.toBe(newTraceparent());
  });

  it('has no id where there is no trace', () => {
    expect(traceIdOf(null)).toBeNull();
    expect(traceIdOf('nonsense')).toBeNull();
  });
});
