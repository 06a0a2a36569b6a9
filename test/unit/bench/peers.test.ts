import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { benches } from '../../bench/benches.ts';
import { orLeftOut } from '../../bench/peers/left-out.ts';
import { NO_PEERS } from '../../bench/peers/peers.ts';
import { ratioName } from '../../bench/peers/ratio.ts';
import { allowPeers, endPeers, startPeer } from '../../bench/peers/running-peer.ts';

const PEERS = path.join(import.meta.dirname, '../../bench/peers');
const read = (name: string) => readFileSync(path.join(PEERS, name), 'utf8');

/** By row: the peers that it is measured beside. */
const measuredBeside = {
  ingest: ['python', 'debezium', 'original'],
  click: ['original'],
  viewers: ['betterSse', 'starlette'],
  optimize: ['optuna', 'statsforecast'],
};

describe('a row with peers', () => {
  it.each(Object.entries(measuredBeside))(
    '%s has the peers’ figures and a ratio for each, all optional',
    (row, peers) => {
      const figures = benches.find((bench) => bench.row === row)?.figures ?? {};
      for (const peer of peers) {
        expect(figures[peer]).toMatchObject({ optional: true });
        expect(figures[ratioName(peer)]).toMatchObject({ optional: true, unit: '×' });
      }
    },
  );

  it('measures no peer unless it is asked to', () => {
    expect(NO_PEERS).toEqual({
      consumers: [],
      streams: [],
      optuna: null,
      statsforecast: null,
      original: null,
    });
  });
});

describe('the pins of the peers', () => {
  it('give every Python package an exact version with hashes', () => {
    const packages = read('requirements.txt')
      .replaceAll(/^#.*$/gm, '')
      .split(/\n(?=\S)/)
      .filter((text) => text.trim() !== '');
    expect(packages.length).toBeGreaterThan(10);
    for (const one of packages) expect(one).toMatch(/^\S+==[\d.]+ [\s\S]*--hash=sha256:[0-9a-f]{64}/);
  });

  it('have the versions that the packages were asked for', () => {
    for (const line of read('requirements.in').trim().split('\n'))
      expect(read('requirements.txt').toLowerCase()).toContain(`\n${line.toLowerCase()} \\`);
  });
});

describe('a row that takes too long', () => {
  const forever = {
    file: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000); console.log(process.pid)'],
  };

  it('ends its peers for that reason, and starts no others', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'peers-'));
    allowPeers();
    const peer = await startPeer(forever, folder);
    const waiting = peer.until(async () => false);
    endPeers(new Error('the row took more than 240 s.'));
    await expect(waiting).rejects.toThrow('the row took more than 240 s.');
    await expect(startPeer(forever, folder)).rejects.toThrow('the row took more than 240 s.');
    await peer.stop();
    allowPeers();
    rmSync(folder, { recursive: true });
  });

  it('names why a peer failed even if its log is gone', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'peers-'));
    const peer = await startPeer({ file: process.execPath, args: ['-e', 'process.exit(7)'] }, folder);
    rmSync(folder, { recursive: true });
    await expect(peer.until(async () => false)).rejects.toThrow('process.exit(7)');
  });
});

describe('a peer that fails', () => {
  it('is left out with a line, and the row goes on', async () => {
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    expect(await orLeftOut('Optuna', report, async () => 5)).toBe(5);
    expect(await orLeftOut('Optuna', report, () => Promise.reject(new Error('it ended')))).toBeNull();
    expect(lines).toEqual(['  Left out: Optuna (it ended)']);
  });
});
