import { type RandomStream, randomStream } from '../../data/generator/random-stream.ts';

/** One step of a viewer after it has read for a while. */
export interface Step {
  /** It reads until this many sales have arrived, */
  readonly sales: number;
  /** or for this long, whichever is first (ms). */
  readonly withinMs: number;
  /** `close`: closes in order (FIN); `reset`: breaks the connection (RST); `stall`: stops reading, then continues on the same connection. */
  readonly then: 'close' | 'reset' | 'stall';
  /** How long until it reconnects or reads again (ms). */
  readonly pauseMs: number;
}

export interface Reconnections {
  /** Maximum number of sales between two steps. */
  readonly sales: number;
  readonly withinMs: number;
  /** Longest absence. */
  readonly awayMs: number;
  /** Longest stall. */
  readonly stallMs: number;
}

/** The endless steps of one viewer, determined by seed and number. */
export function* viewerPlan(seed: number, viewer: number, limits: Reconnections): Generator<Step, never> {
  const random = randomStream(seed, `viewer ${viewer}`);
  while (true) yield step(random, limits);
}

function step(random: RandomStream, { sales, withinMs, awayMs, stallMs }: Reconnections): Step {
  const then = random.pick<Step['then']>(['close', 'reset', 'reset', 'stall']);
  return {
    sales: random.integer(1, sales),
    withinMs: random.integer(Math.ceil(withinMs / 10), withinMs),
    then,
    pauseMs: random.integer(0, then === 'stall' ? stallMs : awayMs),
  };
}
