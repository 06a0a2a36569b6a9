import { type RandomStream, randomStream } from '../../data/generator/random-stream.ts';

/** One thing that a viewer does after it has read for a while. */
export interface Step {
  /** It reads until so many sales have come, */
  readonly sales: number;
  /** or for that long, whichever is first (ms). */
  readonly withinMs: number;
  /** `close`: leaves in good order (FIN); `reset`: breaks off (RST); `stall`: stops reading, and goes on on the same connection. */
  readonly then: 'close' | 'reset' | 'stall';
  /** How long until it is back, or reads on (ms). */
  readonly pauseMs: number;
}

export interface Restlessness {
  /** Sales between two steps, at most. */
  readonly sales: number;
  readonly withinMs: number;
  /** Longest absence. */
  readonly awayMs: number;
  /** Longest stall. */
  readonly stallMs: number;
}

/** What one viewer does, without end: the same for the same seed and number. */
export function* viewerPlan(
  seed: number,
  viewer: number,
  restlessness: Restlessness,
): Generator<Step, never> {
  const random = randomStream(seed, `viewer ${viewer}`);
  while (true) yield step(random, restlessness);
}

function step(random: RandomStream, { sales, withinMs, awayMs, stallMs }: Restlessness): Step {
  const then = random.pick<Step['then']>(['close', 'reset', 'reset', 'stall']);
  return {
    sales: random.integer(1, sales),
    withinMs: random.integer(Math.ceil(withinMs / 10), withinMs),
    then,
    pauseMs: random.integer(0, then === 'stall' ? stallMs : awayMs),
  };
}
