import { describe, expect, it, test } from 'vitest';
import { createRefuser, refusalOf } from '../../../gateway/same-origin.ts';

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

const OPTION = 'npm start -- --allow-host';

function refuser() {
  const log: string[] = [];
  let ms = 0;
  const refuse = createRefuser({ write: (_level, message) => void log.push(message) }, OPTION, () => ms);
  const wait = (passed: number) => {
    ms += passed;
  };
  return { refuse, log, wait };
}

test('a refused host is answered with a problem document that names the reason and the remedy', () => {
  const { refuse } = refuser();
  const { statusCode, headers, body } = refuse({ kind: 'host', value: 'shop.lan:8080' });
  expect(statusCode).toBe(403);
  expect(headers['content-type']).toBe('application/problem+json');
  const document = JSON.parse(body.toString());
  expect(document).toMatchObject({ status: 403, code: 'host_not_allowed', title: 'Host not allowed' });
  expect(document.detail).toContain('"shop.lan:8080"');
  expect(document.detail).toMatch(/npm start -- --allow-host shop\.lan$/);
});

test('a refused origin is answered with the name to allow, and a strange one never becomes part of a command', () => {
  const { refuse } = refuser();
  const detailOf = (value: string) => JSON.parse(refuse({ kind: 'origin', value }).body.toString()).detail;
  expect(detailOf('https://shop-8000.app.example')).toMatch(/--allow-host shop-8000\.app\.example$/);
  expect(detailOf('null; rm -rf /')).toMatch(/--allow-host <name>$/);
});

test('refusals are logged once a minute for each name, and of a hundred names at most', () => {
  const { refuse, log, wait } = refuser();
  for (let request = 0; request < 50; request += 1) refuse({ kind: 'host', value: 'shop.lan' });
  refuse({ kind: 'origin', value: 'https://shop.lan' });
  expect(log).toHaveLength(2);
  wait(61_000);
  refuse({ kind: 'host', value: 'shop.lan' });
  expect(log).toHaveLength(3);
  for (let name = 0; name < 500; name += 1) refuse({ kind: 'host', value: `${name}.lan` });
  expect(log.length).toBeLessThan(103);
});
