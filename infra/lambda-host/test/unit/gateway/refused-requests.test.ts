import { expect, test } from 'vitest';
import { createRefuser } from '../../../gateway/refused-requests.ts';

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
