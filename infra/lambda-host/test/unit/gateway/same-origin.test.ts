import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../gateway/same-origin.ts';

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
    expect(refusalOf(method, headers)).toBeNull();
  });

  it.each([
    ['that changes something, from another site', 'POST', { host, 'sec-fetch-site': 'cross-site' }],
    ['that changes something, from another port', 'POST', { host, 'sec-fetch-site': 'same-site' }],
    ['that changes something, by an older browser', 'POST', { host, origin: 'https://example.org' }],
    ['that changes something, from a sandboxed frame', 'POST', { host, origin: 'null' }],
    ['for a host name rebound to this machine', 'GET', { host: 'rebound.example.org:8000' }],
  ])('a request %s is rejected', (_case, method, headers) => {
    expect(refusalOf(method, headers)).not.toBeNull();
  });
});

const allowed = ['shop.example.org', 'host.docker.internal'];

describe('the check for requests behind a proxy', () => {
  it.each([
    ['to an allowed name', 'GET', { host: 'shop.example.org' }],
    ['to an allowed name with a port and in capitals', 'GET', { host: 'Shop.Example.org:8443' }],
    [
      'from an allowed page over TLS',
      'POST',
      { host: 'shop.example.org', origin: 'https://shop.example.org' },
    ],
    [
      'from an allowed page, sent on under another name',
      'POST',
      { host, origin: 'https://shop.example.org:8443' },
    ],
    ['to the name of the machine inside a container', 'POST', { host: 'host.docker.internal:8000' }],
  ])('a request %s is accepted', (_case, method, headers) => {
    expect(refusalOf(method, headers, allowed)).toBeNull();
  });

  it.each([
    ['to a name that begins like an allowed one', 'GET', { host: 'shop.example.org.evil.example' }, 'host'],
    ['to a name that ends like an allowed one', 'GET', { host: 'evil-shop.example.org' }, 'host'],
    ['to something that is no name', 'GET', { host: 'shop.example.org@evil.example' }, 'host'],
    ['from another page', 'POST', { host: 'shop.example.org', origin: 'https://evil.example' }, 'origin'],
    [
      'from an allowed name under another scheme',
      'POST',
      { host, origin: 'file://shop.example.org' },
      'origin',
    ],
    [
      'from a frame of another site',
      'POST',
      { host: 'shop.example.org', 'sec-fetch-site': 'cross-site' },
      'origin',
    ],
  ])('a request %s is rejected', (_case, method, headers, kind) => {
    expect(refusalOf(method, headers, allowed)?.kind).toBe(kind);
  });
});
