import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { makeClone } from '../../../../support/clone.ts';
import { datasetLines, textOf } from '../../../../support/datasets.ts';
import { fetchPatiently } from '../../../../support/http-client.ts';

/** `npm start` as a person runs it, in a separate clone with its own servers. */
const SAID_WITHIN_MS = 240_000;
const ENDED_WITHIN = { timeout: 120_000 };

let clone: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  clone = await makeClone();
  writeFileSync(join(clone, 'sales.csv'), textOf(datasetLines(3)));
});
afterAll(async () => {
  for (const npm of started) npm.kill('SIGKILL');
  await vi.waitFor(() => expect(servers()).toEqual([]), ENDED_WITHIN);
  rmSync(clone, { recursive: true, force: true });
});

interface Start {
  readonly npm: ChildProcess;
  readonly output: string;
}

/** Runs `npm start`; resolves when it reports that it is ready, or when it has exited and its output is complete. */
function start(): Promise<Start> {
  const npm = spawn('npm', ['start', '--', '--port', '0', '--servers', 'native', '--dataset', 'sales.csv'], {
    cwd: clone,
  });
  started.push(npm);
  let output = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`npm start said only: ${output}`)), SAID_WITHIN_MS);
    const said = () => {
      clearTimeout(late);
      resolve({ npm, output });
    };
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        // A line may arrive in pieces.
        if (/The live page: .*\n/.test(output)) said();
      });
    }
    npm.once('close', said);
  });
}

const instanceFile = z.object({ pid: z.int(), serving: z.object({ url: z.url() }) });

function instance(): { pid: number; url: string } {
  const { pid, serving } = instanceFile.parse(
    JSON.parse(readFileSync(join(clone, '.local/instance.json'), 'utf8')),
  );
  return { pid, url: serving.url };
}

async function dayIndex(): Promise<number> {
  const response = await fetchPatiently(new URL('/simulation/status', instance().url));
  return z.object({ day_index: z.int() }).parse(await response.json()).day_index;
}

/** The servers that run on the clone's data, and their watchdogs. */
function servers(): string[] {
  const list = execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes(`${clone}/`));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectAllEnded(hostPid: number): Promise<void> {
  await expect.poll(() => isAlive(hostPid), ENDED_WITHIN).toBe(false);
  await expect.poll(servers, ENDED_WITHIN).toEqual([]);
}

describe('npm start', { timeout: 900_000 }, () => {
  it('npm start serves, is found by a second one, and stops everything when npm gets SIGTERM', async () => {
    const { npm, output } = await start();
    expect(output).toMatch(/The live page: http:\/\/localhost:\d+\/stream\/live/);
    expect(await dayIndex()).toBe(-1);
    const { pid } = instance();
    expect((await start()).output).toMatch(
      /already runs in this folder \(process \d+\): open http:\/\/localhost/,
    );
    expect(isAlive(pid)).toBe(true);
    npm.kill('SIGTERM');
    await expectAllEnded(pid);
  });

  it('npm start leaves nothing running when npm is killed, and the next one continues where it stopped', async () => {
    const { npm } = await start();
    const { pid, url } = instance();
    await fetchPatiently(new URL('/simulation/next-day', url), { method: 'POST' });
    npm.kill('SIGKILL');
    await expectAllEnded(pid);
    const again = await start();
    expect(await dayIndex()).toBe(0);
    const { pid: second } = instance();
    again.npm.kill('SIGINT');
    await expectAllEnded(second);
  });
});
