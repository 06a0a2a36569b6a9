import { deployedSystem } from '../../../infra/system.ts';
import type { SystemDescription } from '../../../infra/system-description.ts';

const { producer, consumer } = deployedSystem.functions;
if (!producer || !consumer) throw new Error('The system has no producer or no consumer.');
const environment = { FAULT_POINTS: process.env.FAULT_POINTS ?? '' };

/** The deployed system, with two functions replaced by entries that have fault points. */
export const system: SystemDescription = {
  ...deployedSystem,
  functions: {
    ...deployedSystem.functions,
    producer: { ...producer, entry: 'test/faults/entries/producer.ts', environment },
    consumer: { ...consumer, entry: 'test/faults/entries/consumer.ts', environment },
  },
};
