/** What other people would use instead, as far as this machine can run it. Everything is brought before anything is measured. */
import { fileURLToPath } from 'node:url';
import { messageOf, SetupError } from '../../../infra/local/servers/setup-error.ts';
import { requireLockedEnvironment } from '../../support/python-program.ts';
import { requireStatsforecast } from '../backtest/statsforecast.ts';
import { type Consumer, pythonConsumer } from './consumers.ts';
import { requireDebezium } from './debezium.ts';
import { type Original, requireOriginal } from './original.ts';
import { betterSse, type StreamServer, sseStarlette } from './streams.ts';

export interface Peers {
  /** Instead of the producer's and consumer's side. */
  readonly consumers: readonly Consumer[];
  /** Instead of the live stream. */
  readonly streams: readonly StreamServer[];
  /** The interpreter of an environment with Optuna. */
  readonly optuna: string | null;
  /** The interpreter of an environment with statsforecast. */
  readonly statsforecast: string | null;
  readonly original: Original | null;
}

export const NO_PEERS: Peers = {
  consumers: [],
  streams: [],
  optuna: null,
  statsforecast: null,
  original: null,
};

/** The number of other programs that a row may measure at most. */
export function countPeers({ consumers, streams, optuna, statsforecast, original }: Peers): number {
  const others = [optuna, statsforecast, original].filter((peer) => peer !== null);
  return consumers.length + streams.length + others.length;
}

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

interface PeerOptions {
  /** Whether anything besides the original is wanted. */
  readonly peers: boolean;
  /** A checkout of the original system. */
  readonly original: string | undefined;
}

/** Reports in one line what this machine can't run, and why. */
export async function bringPeers(options: PeerOptions, report: (line: string) => void): Promise<Peers> {
  async function orNull<Peer>(title: string, bring: () => Promise<Peer>): Promise<Peer | null> {
    try {
      return await bring();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      report(`Left out: ${title} (${messageOf(error)})`);
      return null;
    }
  }

  const { original: folder } = options;
  const original =
    folder === undefined ? null : await orNull('the original system', () => requireOriginal(folder, report));
  if (folder === undefined && options.peers)
    report('Left out: the original system (give a checkout of it with --original <folder>)');
  if (!options.peers) return { ...NO_PEERS, original };

  const python = await orNull('the peers written in Python', () => {
    return requireLockedEnvironment('bench-peers', REQUIREMENTS, report);
  });
  const debezium = await orNull("Debezium's JDBC sink", () => requireDebezium(report));
  return {
    consumers: [...(python ? [pythonConsumer(python)] : []), ...(debezium ? [debezium] : [])],
    streams: [betterSse, ...(python ? [sseStarlette(python)] : [])],
    optuna: python,
    statsforecast: await orNull('statsforecast', () => requireStatsforecast(report)),
    original,
  };
}
