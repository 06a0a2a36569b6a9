import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system that fills up quickly. */
export interface SmallDisk {
  readonly path: string;
  /** Writes until it is full. @returns a function that frees the space. */
  fill(): Promise<() => Promise<void>>;
  unmount(): void;
}

/** Enough for the servers with a small data set; most of it is MySQL's redo and undo logs. */
const SIZE = '700m';
const CHUNK = Buffer.alloc(1_048_576);

/** Mounts one in memory. @returns null without the permission, which takes root on Linux. */
export function mountSmallDisk(): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'faults-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=700`, 'tmpfs', path]);
  if (mounted.status !== 0) {
    rmdirSync(path);
    return null;
  }
  return {
    path,
    fill: () => fill(join(path, 'filler')),
    unmount: () => {
      spawnSync('umount', ['--lazy', path]);
      rmdirSync(path);
    },
  };
}

async function fill(file: string): Promise<() => Promise<void>> {
  const handle = await open(file, 'w');
  try {
    for (;;) await handle.writeFile(CHUNK);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await handle.close();
  }
  return () => rm(file);
}
