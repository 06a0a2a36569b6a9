import type { RunningServers } from '../../infra/local/servers/managed-server.ts';
import type { Figure } from './figure.ts';
import type { Peers } from './peers/peers.ts';

/** The context of a bench. */
export interface BenchContext {
  /** Servers of this bench run alone. */
  readonly servers: RunningServers;
  /** A folder for its files, deleted at the end. */
  readonly directory: string;
  /** Receives progress line by line. */
  readonly report: (line: string) => void;
  /** Folder for CPU profiles of the system's process and workers; undefined for none. */
  readonly profileDirectory: string | undefined;
  /** What is measured beside the system. */
  readonly peers: Peers;
}

/** Samples of one round, by figure. */
export type Samples = Readonly<Record<string, number | readonly number[]>>;

export interface BenchSession {
  /** Measures once; each figure of the bench gets at least one sample. */
  round(): Promise<Samples>;
  close(): Promise<void>;
}

/** One row of the numbers to hold. */
export interface Bench {
  /** Its name on the command line and in the results. */
  readonly row: string;
  /** What is measured against what. */
  readonly what: string;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Sets up what all rounds share. */
  open(context: BenchContext): Promise<BenchSession>;
}
