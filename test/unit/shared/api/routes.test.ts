import { expect, it } from 'vitest';
import { functionUrl, httpRoutes } from '../../../../infra/system.ts';
import { routeKey } from '../../../../shared/api/route.ts';

/** A forecast under a plan takes a body, and changes nothing. */
const READ_ONLY = ['POST /demand/forecast'];

it('every route that changes state requires the token', () => {
  const routes = [...httpRoutes.map(({ route }) => route), ...functionUrl.routes];
  const changing = routes.filter(({ method }) => method !== 'GET');
  expect(changing.length).toBeGreaterThan(0);
  expect(changing.filter(({ access }) => access !== 'token').map(routeKey)).toEqual(READ_ONLY);
});
