import { type RandomStream, randomStream } from '../../data/generator/random-stream.ts';
import { codecs } from '../../infra/lambda-host/test/support/foreign-batches.ts';
import type { Point, Verdict } from './entries/reach.ts';
import type { ForeignBatch } from './foreign-batches.ts';
import { type Outage, outages, serverNames } from './server-faults.ts';

/** One scheduled fault. Times are steps of its round. */
export type Fault =
  | {
      readonly kind: 'outage';
      readonly server: (typeof serverNames)[number];
      readonly outage: Outage;
      /** Duration in steps. */
      readonly steps: number;
    }
  /** The host is killed when a function next reaches the point. */
  | { readonly kind: 'kill at'; readonly point: Point }
  | { readonly kind: 'kill' }
  | { readonly kind: 'freeze'; readonly steps: number }
  /** The next delivery at the point is misdirected. */
  | { readonly kind: 'delivery'; readonly point: 'record' | 'batch'; readonly verdict: Verdict }
  /** Transactions of MySQL wait between their last statement and the commit. */
  | { readonly kind: 'commits held'; readonly steps: number }
  /** The response to the next increment is lost. */
  | { readonly kind: 'lost answer' }
  | { readonly kind: 'reset' }
  /** Registers another calendar: the first `days` dates. */
  | { readonly kind: 'init'; readonly days: number }
  /** Another program writes a batch to the topic. */
  | ({ readonly kind: 'foreign batch' } & ForeignBatch)
  /** All viewers are disconnected. */
  | { readonly kind: 'viewers' };

export interface ScheduledFault {
  readonly fault: Fault;
  /** The step in which it starts. */
  readonly step: number;
}

/** A round: faults that may overlap, and the days to advance in each step. */
export interface Round {
  readonly faults: readonly ScheduledFault[];
  readonly clicks: readonly number[];
}

/** 40 rounds are 200 faults. */
export const FAULTS_PER_ROUND = 5;
export const STEPS = 6;

/** @param days Days of the calendar. A seed always yields the same rounds; fewer rounds are a prefix of more. */
export function schedule(seed: number, rounds: number, days: number): Round[] {
  const random = randomStream(seed, 'faults');
  return Array.from({ length: rounds }, () => round(random, days));
}

function round(random: RandomStream, days: number): Round {
  const faults: ScheduledFault[] = [];
  while (faults.length < FAULTS_PER_ROUND) {
    const scheduled = { fault: drawFault(random, days), step: random.integer(0, STEPS - 1) };
    if (faults.every(({ fault }) => target(fault) !== target(scheduled.fault))) faults.push(scheduled);
  }
  faults.sort((a, b) => a.step - b.step);
  const clicks = Array.from({ length: STEPS }, () => random.integer(0, 2));
  return { faults, clicks };
}

const KILL_POINTS = ['publish', 'published', 'published_index', 'stored', 'progress'] as const;

function drawFault(random: RandomStream, days: number): Fault {
  const steps = random.integer(1, 4);
  switch (random.integer(0, 11)) {
    case 0:
    case 1:
    case 2:
      return { kind: 'outage', server: random.pick(serverNames), outage: random.pick(outages), steps };
    case 3:
      return { kind: 'kill at', point: random.pick(KILL_POINTS) };
    case 4:
      return random.chance(0.5) ? { kind: 'kill' } : { kind: 'freeze', steps };
    case 5:
      return { kind: 'delivery', point: 'record', verdict: random.pick(['lost', 'twice']) };
    case 6:
      return { kind: 'delivery', point: 'batch', verdict: random.pick(['twice', 'pieces', 'overtaken']) };
    case 7:
      return random.chance(0.5) ? { kind: 'commits held', steps } : { kind: 'lost answer' };
    case 8:
      return random.chance(0.6) ? { kind: 'reset' } : { kind: 'init', days: random.integer(3, days - 1) };
    case 9:
    case 10:
      return {
        kind: 'foreign batch',
        codec: random.pick(codecs),
        messages: random.integer(1, 20),
        undecodable: random.chance(0.6),
      };
    default:
      return { kind: 'viewers' };
  }
}

/** Two faults of one round never have the same target: the second would hide the first. */
function target(fault: Fault): string {
  switch (fault.kind) {
    case 'outage':
      return fault.server;
    case 'commits held':
      return 'mysql';
    case 'kill at':
    case 'delivery':
      return fault.point;
    case 'kill':
    case 'freeze':
      return 'host';
    case 'reset':
    case 'init':
      return 'run';
    default:
      return fault.kind;
  }
}

/** A short name of the fault. */
export function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'outage':
      return `${fault.server} ${fault.outage}, ${fault.steps} steps`;
    case 'kill at':
      return `host killed at ${fault.point}`;
    case 'kill':
      return 'host killed';
    case 'freeze':
      return `host frozen, ${fault.steps} steps`;
    case 'delivery':
      return `${fault.point} ${fault.verdict}`;
    case 'commits held':
      return `commits held, ${fault.steps} steps`;
    case 'init':
      return `init with ${fault.days} days`;
    case 'foreign batch':
      return `${fault.undecodable ? 'undecodable batch' : `foreign batch, ${fault.codec}`}, ${fault.messages} messages`;
    case 'viewers':
      return 'viewers broken off';
    default:
      return fault.kind;
  }
}
