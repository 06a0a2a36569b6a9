import type { RunningServers } from '../../infra/local/servers/running-servers.ts';
import type { Figure } from './figure.ts';

/** What a bench works with. */
export interface BenchContext {
  /** Started for this run of the bench, and used by nobody else. */
  readonly servers: RunningServers;
  /** A folder for its files; emptied at the end. */
  readonly directory: string;
  /** Takes progress, a line at a time. */
  readonly report: (line: string) => void;
  /** Node writes CPU profiles of the system's process and its workers into this folder; undefined for none. */
  readonly profileDirectory: string | undefined;
}

/** Samples of one round by figure. */
export type Samples = Readonly<Record<string, number | readonly number[]>>;

export interface BenchSession {
  /** Measures once; each figure of the bench gets at least one sample. */
  round(): Promise<Samples>;
  close(): Promise<void>;
}

/** One row of the numbers to hold. */
export interface Bench {
  /** Names it on the command line and in the results. */
  readonly row: string;
  /** What is measured against what. */
  readonly what: string;
  /** How often it is measured, unless the command line says otherwise. */
  readonly rounds: number;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Prepares what all rounds share. */
  open(context: BenchContext): Promise<BenchSession>;
}
