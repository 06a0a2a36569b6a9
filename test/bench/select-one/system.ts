/** The deployed system with one more function, hosted like the others. */
import { deployedSystem, functions } from '../../../infra/system.ts';
import type { SystemDescription } from '../../../infra/system-description.ts';
import { selectOne } from './contract.ts';

export const system: SystemDescription = {
  ...deployedSystem,
  functions: {
    ...deployedSystem.functions,
    'select-one': {
      ...functions.analytics,
      entry: 'test/bench/select-one/handler.ts',
      uses: ['mysql:read-events'],
    },
  },
  httpRoutes: [...deployedSystem.httpRoutes, { route: selectOne, function: 'select-one' }],
};
