import { describe, expect, it } from 'vitest';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';
import { correctionOf } from '../../../support/simulation-recording.ts';
import { exchanges, replayRecording, wanted } from '../../../support/simulation-replay.ts';

describe('the recorded answers of the original', () => {
  it('our answers equal the recorded ones, except for the listed flaws', () =>
    replayRecording(memorySimulationStore()));

  it('every listed flaw occurs in the recorded answers', () => {
    const corrected = exchanges.filter(([index, each]) => correctionOf(each, index));
    expect(corrected).toHaveLength(27);
    for (const [index, each] of corrected) {
      const { status, body } = wanted(each, correctionOf(each, index));
      const isSame = status === each.status && isCovered(Object(each.body), body);
      expect(isSame, `#${index} ${each.request} ${each.note}`).toBe(false);
    }
  });
});

function isCovered(actual: object, body: object): boolean {
  const entries = Object.entries(actual);
  return Object.entries(body).every(([name, value]) => entries.some(([n, v]) => n === name && v === value));
}
