import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { functionUrl, httpRoutes } from '../../infra/system.ts';
import { routeKey } from '../../shared/api/route.ts';

const page = readFileSync('docs/security.md', 'utf8');
const tests = globSync('test/**/*.test.ts').map((file) => basename(file));
const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);

const named = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, name = '']) => name);

it.each(named(/`([\w*-]+\.test\.ts)`/g))('the threat model names a test that is there: %s', (name) => {
  const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  expect(tests.filter((file) => pattern.test(file))).not.toEqual([]);
});

it.each(named(/`npm run ([\w:-]+)`/g))('and a command that is there: npm run %s', (name) => {
  expect(scripts).toContain(name);
});

it('every route that is more than a look asks for the token', () => {
  const routes = [...httpRoutes.map(({ route }) => route), ...functionUrl.routes];
  const writing = routes.filter(({ method }) => method !== 'GET');
  expect(writing.length).toBeGreaterThan(0);
  expect(writing.filter(({ access }) => access !== 'token').map(routeKey)).toEqual([]);
});
