import { describe, expect, it } from 'vitest';
import { isCrossSite } from '../../../gateway/same-origin.ts';

const host = 'localhost:8000';

describe('the check for cross-site requests', () => {
  it.each([
    [
      'of the live page itself',
      'POST',
      { host, origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' },
    ],
    ['of a client other than a browser', 'POST', { host: '127.0.0.1:8000' }],
    ['to the IPv6 address', 'POST', { host: '[::1]:8000' }],
    ['typed into the address bar', 'GET', { host, 'sec-fetch-site': 'none' }],
    ['from a link on another site', 'GET', { host, 'sec-fetch-site': 'cross-site' }],
  ])('a request %s is accepted', (_case, method, headers) => {
    expect(isCrossSite(method, headers)).toBe(false);
  });

  it.each([
    ['that changes something, from another site', 'POST', { host, 'sec-fetch-site': 'cross-site' }],
    ['that changes something, from another port', 'POST', { host, 'sec-fetch-site': 'same-site' }],
    ['that changes something, by an older browser', 'POST', { host, origin: 'https://example.org' }],
    ['that changes something, from a sandboxed frame', 'POST', { host, origin: 'null' }],
    ['for a host name rebound to this machine', 'GET', { host: 'rebound.example.org:8000' }],
  ])('a request %s is rejected', (_case, method, headers) => {
    expect(isCrossSite(method, headers)).toBe(true);
  });
});
