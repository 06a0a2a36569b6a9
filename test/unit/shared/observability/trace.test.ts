import { describe, expect, it } from 'vitest';
import { newTraceparent, traceIdOf, traceparentOf } from '../../../../shared/observability/logger.ts';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('the trace of a request', () => {
  it('the trace of a request is the one in its header', () => {
    expect(traceparentOf({ traceparent: given })).toBe(given);
    expect(traceIdOf(given)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('the trace of a request is the one from X-Ray if there is no other', () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    expect(traceIdOf(traceparentOf({ 'x-amzn-trace-id': header }))).toBe('5759e988bd862e3fe1be46a994272793');
  });

  it.each([
    ['no header', undefined],
    ['an unknown version', given.replace('00-', 'ff-')],
    ['a trace id of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    ['a parent id of zeros', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
    ['nonsense', 'x'],
  ])('the trace of a request with %s is a new one', (_case, traceparent) => {
    const made = traceparentOf({ traceparent });
    expect(made).not.toBe(traceparent);
    expect(traceIdOf(made)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('every new trace is different', () => {
    expect(newTraceparent()).not.toBe(newTraceparent());
  });

  it('a missing trace has no id', () => {
    expect(traceIdOf(null)).toBeNull();
    expect(traceIdOf('nonsense')).toBeNull();
  });
});
