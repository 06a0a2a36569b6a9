import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deliveryMutations } from '../../faults/mutations/deliveries.ts';
import { killedHostMutations } from '../../faults/mutations/killed-host.ts';
import { outageMutations } from '../../faults/mutations/outages.ts';

const mutations = [...deliveryMutations, ...killedHostMutations, ...outageMutations];

it.each(mutations)('the safeguard that $safeguard appears in the code exactly once', ({ edits }) => {
  expect(edits.length).toBeGreaterThan(0);
  for (const { file, text } of edits) {
    expect(readFileSync(file, 'utf8').split(text), `${file}: ${text}`).toHaveLength(2);
  }
});
