import { describe, expect, it } from 'vitest';
import { isCrossSite } from '../../../../infra/lambda-host/gateway/same-origin.ts';

const host = 'localhost:8000';

describe('a request', () => {
  it.each([
    [
      'of the page itself',
      'POST',
      { host, origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' },
    ],
    ['of a client that is no browser', 'POST', { host: '127.0.0.1:8000' }],
    ['by IPv6', 'POST', { host: '[::1]:8000' }],
    ['typed into the address bar', 'GET', { host, 'sec-fetch-site': 'none' }],
    ['by a link of another site', 'GET', { host, 'sec-fetch-site': 'cross-site' }],
  ])('%s is let in', (_case, method, headers) => {
    expect(isCrossSite(method, headers)).toBe(false);
  });

  it.each([
    ['that changes something, from another site', 'POST', { host, 'sec-fetch-site': 'cross-site' }],
    ['that changes something, from another port', 'POST', { host, 'sec-fetch-site': 'same-site' }],
    ['that changes something, by an older browser', 'POST', { host, origin: 'https://example.org' }],
    ['that changes something, from a sandboxed frame', 'POST', { host, origin: 'null' }],
    ['for a name that was made to point here', 'GET', { host: 'rebound.example.org:8000' }],
  ])('%s is refused', (_case, method, headers) => {
    expect(isCrossSite(method, headers)).toBe(true);
  });
});
