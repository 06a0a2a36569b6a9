import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseMysqlEngine } from '../../../../../infra/local/servers/mysql.ts';
import { bringDebianMysql } from '../../../../support/debian-packages.ts';

const MYSQL = 'mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))';
const OLD_MYSQL = 'mysqld  Ver 8.0.44 for Linux on x86_64 (MySQL Community Server - GPL)';
const MARIADB = 'mysqld  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)';

const root = mkdtempSync(join(tmpdir(), 'mysql-engine-'));
const said: string[] = [];
const report = (line: string) => void said.push(line);

afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  said.length = 0;
  vi.stubEnv('MYSQLD', '');
});
afterEach(() => vi.unstubAllEnvs());

/** A program that prints a text, in its own folder. */
function program(name: string, output: string, exitCode = 0): { folder: string; path: string } {
  const folder = mkdtempSync(join(root, 'bin-'));
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho '${output}'\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
  return { folder, path };
}

/** Puts a folder first on the PATH. */
function install({ folder }: { folder: string }): void {
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
}

describe('the engine behind MySQL', () => {
  it('the engine is the MySQL that MYSQLD names, in tests and in npm start', async () => {
    const { path } = program('mysqld', MYSQL);
    for (const preferInstalled of [true, false]) {
      const engine = await chooseMysqlEngine({ preferInstalled }, report, path);
      expect(engine).toMatchObject({ kind: 'mysql', title: 'MySQL 9.7.4', server: path });
    }
  });

  it.each([
    ['MariaDB', MARIADB, /is not Oracle's MySQL/],
    ['an old MySQL', OLD_MYSQL, /is MySQL 8\.0\.44: give one of 8\.4 or later/],
    ['another program', 'hello', /is not Oracle's MySQL/],
  ])('the engine is rejected if MYSQLD names %s', async (_what, version, message) => {
    const { path } = program('mysqld', version);
    await expect(chooseMysqlEngine({ preferInstalled: false }, report, path)).rejects.toThrow(message);
  });

  it('the engine is an installed MySQL in npm start, and MariaDB in tests', async () => {
    const mysqld = program('mysqld', MYSQL);
    install(mysqld);
    const preferred = await chooseMysqlEngine({ preferInstalled: true }, report);
    expect(preferred).toMatchObject({ kind: 'mysql', server: mysqld.path });
    expect(await chooseMysqlEngine({ preferInstalled: false }, report)).toMatchObject({ kind: 'mariadb' });
  });

  it('the engine is MariaDB if the installed MySQL is too old, which is reported', async () => {
    install(program('mysqld', OLD_MYSQL));
    expect(await chooseMysqlEngine({ preferInstalled: true }, report)).toMatchObject({ kind: 'mariadb' });
    expect(said).toEqual([expect.stringMatching(/MySQL 8\.0\.44 .* is older than 8\.4: MariaDB is used/)]);
  });

  it('the engine is the pinned MariaDB if the installed mysqld is a MariaDB', async () => {
    install(program('mysqld', MARIADB));
    expect(await chooseMysqlEngine({ preferInstalled: true }, report)).toMatchObject({ kind: 'mariadb' });
    expect(said).toEqual([]);
  });
});

describe("MySQL from Debian's packages", () => {
  const cache = join(root, 'cache');
  const bring = () => bringDebianMysql(report, new AbortController().signal);

  beforeEach(() => {
    mkdirSync(cache, { recursive: true });
    vi.stubEnv('XDG_CACHE_HOME', cache);
  });

  it("a request for Debian's MySQL on a system without apt fails with one sentence", async () => {
    vi.stubEnv('PATH', program('dpkg-deb', '').folder);
    await expect(bring()).rejects.toThrow('There is no apt-get: this is no Debian.');
  });

  it('a failure of apt leaves nothing in the cache', async () => {
    install(program('apt-get', 'E: The network is down', 100));
    await expect(bring()).rejects.toThrow(/The network is down|no source of Debian's packages/);
    expect(readdirSync(join(cache, 'retail-time-machine'))).toEqual([]);
  });
});
