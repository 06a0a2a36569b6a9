import { expect, test } from 'vitest';
import { timeByOrigin } from '../../bench/cpu-profile.ts';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

test('a frame’s time counts for the package or folder nearest above it, and waiting for none', () => {
  const times = timeByOrigin({
    nodes: [
      node(1, '(root)', '', [2, 3, 4]),
      node(2, 'consume', 'file:///project/functions/consumer/consume.ts', [5]),
      node(3, '(idle)', ''),
      node(4, '(garbage collector)', ''),
      node(5, 'query', 'file:///project/node_modules/mysql2/lib/connection.js', [6]),
      node(6, 'writev', 'node:net'),
    ],
    samples: [2, 5, 6, 3, 4, 6],
    timeDeltas: [1_000, 2_000, 3_000, 50_000, 500, 4_000],
  });
  expect(Object.fromEntries(times)).toEqual({
    'functions/consumer': 1,
    mysql2: 9,
    'garbage collection': 0.5,
  });
});
