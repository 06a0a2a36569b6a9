import { describe, expect, onTestFinished, test } from 'vitest';
import type { PipelineStep } from '../../../shared/api/system.ts';
import type { Point } from '../entries/reach.ts';
import type { Scenario } from '../scenario.ts';
import { startOutage } from '../server-faults.ts';

/** Each step of the pipeline, and the point at which sales wait before it is frozen. */
export const steps = [
  'producer',
  'consumer',
  'kafka',
  'mysql',
  'dynamodb',
] as const satisfies readonly PipelineStep[];
const BEFORE: Readonly<Record<PipelineStep, Point>> = {
  producer: 'record',
  consumer: 'batch',
  kafka: 'publish',
  mysql: 'batch',
  dynamodb: 'batch',
};

/** A pipeline that stands still is not healthy, although every server may answer: health names the step. */
export function frozenSteps(scenario: () => Scenario, cases: readonly PipelineStep[]): void {
  describe('health', () => {
    test.each(cases)('health names the step %s while it stands still', async (step) => {
      const { startRun, client, eventually, untilHealthReports, finishAndCompare } = scenario();
      await startRun();
      await untilHealthReports([]);
      const goOn = await freeze(scenario(), step);
      onTestFinished(goOn);
      await eventually(async () => {
        const health = await client.send('GET', '/health?deep=1');
        expect(health).toMatchObject({ status: 503, body: { pipeline: { status: 'stalled', step } } });
      });
      await goOn();
      await untilHealthReports([]);
      await finishAndCompare();
    });
  });
}

/** Accepts two days and freezes the step before it is done with them. @returns a function that ends that. */
async function freeze({ environment, client }: Scenario, step: PipelineStep): Promise<() => Promise<void>> {
  const held = environment.faultPoints.hold(BEFORE[step]);
  await client.advance(2);
  await held.reached;
  // Both functions may be held for a minute before they time out.
  if (step === 'producer' || step === 'consumer') return async () => held.release();
  const end = await startOutage(environment.servers[step], 'frozen');
  held.release();
  return end;
}
