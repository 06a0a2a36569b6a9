import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { artifacts, centralAddress, type Jar } from '../../../../../infra/local/servers/artifacts.ts';
import { downloadJars } from '../../../../../infra/local/servers/download.ts';

const root = mkdtempSync(join(tmpdir(), 'download-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const CONTENTS = 'the jar';
const jar: Jar = {
  group: 'org.example',
  artifact: 'thing',
  version: '1.0',
  bytes: CONTENTS.length,
  sha256: createHash('sha256').update(CONTENTS).digest('hex'),
};

/** Puts a fake `mvn` on PATH, or none. */
function stubMaven(script: string | null): void {
  const folder = mkdtempSync(join(root, 'bin-'));
  if (script !== null) {
    writeFileSync(join(folder, 'mvn'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'mvn'), 0o755);
  }
  vi.stubEnv('PATH', script === null ? folder : [folder, process.env.PATH].join(delimiter));
}

async function bring(): Promise<string> {
  const folder = mkdtempSync(join(root, 'to-'));
  mkdirSync(folder, { recursive: true });
  await downloadJars([jar], folder, () => {}, new AbortController().signal);
  return join(folder, 'thing-1.0.jar');
}

const COPY = `for a; do case $a in -DoutputDirectory=*) printf '%s' "$SAID" > "\${a#*=}/thing-1.0.jar";; esac; done`;

test("a jar is downloaded with the user's Maven", async () => {
  stubMaven(COPY.replace('$SAID', CONTENTS));
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('not to be asked')));
  expect(readFileSync(await bring(), 'utf8')).toBe(CONTENTS);
});

test('a jar is downloaded from Maven Central if there is no Maven', async () => {
  stubMaven(null);
  const fetching = vi.fn(async () => new Response(CONTENTS));
  vi.stubGlobal('fetch', fetching);
  expect(readFileSync(await bring(), 'utf8')).toBe(CONTENTS);
  expect(fetching).toHaveBeenCalledWith(await centralAddress(jar), expect.anything());
});

test('a jar is downloaded from Maven Central if Maven fails', async () => {
  stubMaven('echo "[ERROR] no route"; exit 1');
  vi.stubGlobal('fetch', async () => new Response(CONTENTS));
  expect(readFileSync(await bring(), 'utf8')).toBe(CONTENTS);
});

test('a download that fails both ways is reported with both reasons and the remedy', async () => {
  stubMaven('echo "[ERROR] no route"; exit 1');
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND central.example') });
  });
  await expect(bring()).rejects.toThrow(
    /Maven: no route; .*ENOTFOUND.*Check the network connection and Maven's/,
  );
});

test.each([
  ['Maven', COPY.replace('$SAID', 'something else')],
  ['Maven Central', null],
])('a jar from %s with a wrong checksum is rejected and deleted', async (_, maven) => {
  stubMaven(maven);
  vi.stubGlobal('fetch', async () => new Response('something else'));
  const folder = mkdtempSync(join(root, 'wrong-'));
  const bringing = downloadJars([jar], folder, () => {}, new AbortController().signal);
  await expect(bringing).rejects.toThrow('is not the one this project pins');
  expect(existsSync(join(folder, 'thing-1.0.jar'))).toBe(false);
});

test('the pinned jars have the paths of a Maven repository', async () => {
  const [first] = artifacts.kafka.jars.filter((one) => one.artifact === 'kafka_2.13');
  expect(first && (await centralAddress(first))).toMatch(
    /^https:\/\/[^/]+\/maven2\/org\/apache\/kafka\/kafka_2\.13\/4\.4\.0\/kafka_2\.13-4\.4\.0\.jar$/,
  );
});
