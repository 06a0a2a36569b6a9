import { describe, expect, it } from 'vitest';
import { FAULTS_PER_ROUND, nameOf, STEPS, schedule } from '../../faults/schedule.ts';

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another for another one', () => {
    expect(schedule(7, 40, 24)).toEqual(schedule(7, 40, 24));
    expect(schedule(7, 40, 24)).not.toEqual(schedule(8, 40, 24));
  });

  it('of fewer rounds is the beginning of one of more', () => {
    expect(schedule(7, 3, 24)).toEqual(schedule(7, 40, 24).slice(0, 3));
  });

  it('has 200 faults in 40 rounds, all within the steps, and every kind of them', () => {
    const rounds = schedule(7, 40, 24);
    const faults = rounds.flatMap((round) => round.faults);
    expect(faults).toHaveLength(40 * FAULTS_PER_ROUND);
    expect(faults).toHaveLength(200);
    for (const { step } of faults) expect(step).toBeLessThan(STEPS);
    expect(new Set(faults.map(({ fault }) => fault.kind)).size).toBe(10);
  });

  it('names each fault', () => {
    expect(nameOf({ kind: 'outage', server: 'mysql', outage: 'frozen', steps: 2 })).toBe(
      'mysql frozen, 2 steps',
    );
    expect(nameOf({ kind: 'kill at', point: 'stored' })).toBe('host killed at stored');
  });
});
