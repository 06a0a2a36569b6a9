import { expect, it } from 'vitest';
import { functionUrl, httpRoutes } from '../../../../infra/system.ts';
import { routeKey } from '../../../../shared/api/route.ts';

it('every route that changes state requires the token', () => {
  const routes = [...httpRoutes.map(({ route }) => route), ...functionUrl.routes];
  const changing = routes.filter(({ method }) => method !== 'GET');
  expect(changing.length).toBeGreaterThan(0);
  expect(changing.filter(({ access }) => access !== 'token').map(routeKey)).toEqual([]);
});
