import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { artifacts, fingerprint, type Jar, jarFile } from './artifacts.ts';
import { cached, cacheFolder, hasAllFiles, makeInCache } from './cache.ts';
import { downloadJars } from './download.ts';

/** A cached folder populated from jars. */
export interface Package {
  readonly title: string;
  /** Name of the folder in the cache. */
  readonly folder: string;
  readonly jars: readonly Jar[];
  /** Populates the folder from the downloaded jars. */
  unpack(downloads: string, folder: string): Promise<void>;
}

export const kafkaPackage: Package = {
  title: `Kafka ${artifacts.kafka.version}`,
  folder: `kafka-${artifacts.kafka.version}-${fingerprint(artifacts.kafka.jars)}`,
  jars: artifacts.kafka.jars,
  async unpack(downloads, folder) {
    for (const jar of artifacts.kafka.jars) {
      await rename(join(downloads, jarFile(jar)), join(folder, jarFile(jar)));
    }
  },
};

/** Compiles DynamoDB's launcher where there is only a Java runtime. */
export const compilerPackage: Package = {
  title: `Eclipse's Java compiler ${artifacts.ecj.version}`,
  folder: `ecj-${artifacts.ecj.version}-${fingerprint([artifacts.ecj])}`,
  jars: [artifacts.ecj],
  async unpack(downloads, folder) {
    await rename(join(downloads, jarFile(artifacts.ecj)), join(folder, jarFile(artifacts.ecj)));
  },
};

/** The MariaDB built for a platform such as `linux-x64`; null if there is none. */
export function mariadbPackage(platform = `${process.platform}-${process.arch}`): Package | null {
  const { version, platforms } = artifacts.mariadb;
  const build = platforms[platform];
  if (build === undefined) return null;
  return {
    title: `MariaDB ${version}`,
    folder: `mariadb-${version}-${platform}-${fingerprint([build.jar])}`,
    jars: [build.jar],
    async unpack(downloads, folder) {
      await unzip(join(downloads, jarFile(build.jar)), build.folder, folder);
      for (const programs of ['bin', 'scripts']) await makeExecutable(join(folder, programs));
    },
  };
}

/**
 * Downloads the packages that are missing from the cache, all at once.
 *
 * @throws SetupError if they can't be downloaded.
 */
export async function downloadPackages(
  packages: readonly Package[],
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const missing: Package[] = [];
  for (const one of packages) if (!(await hasAllFiles(packageFolder(one)))) missing.push(one);
  if (missing.length === 0) return;
  const jars = missing.flatMap((one) => one.jars);
  const megabytes = Math.round(jars.reduce((sum, jar) => sum + jar.bytes, 0) / 1e6);
  report(`Downloading ${missing.map((one) => one.title).join(' and ')} (${megabytes} MB, once per user)`);
  const downloads = join(cacheFolder(), `.download.${randomUUID()}`);
  try {
    await makeInCache(downloads);
    await downloadJars(jars, downloads, report, signal);
    report('  Checked; unpacking');
    for (const one of missing) await cached(one.folder, (folder) => one.unpack(downloads, folder));
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

/** Path of a package in the cache, whether it is there or not. */
export function packageFolder(one: Package): string {
  return join(cacheFolder(), one.folder);
}

/**
 * Unpacks the files whose name begins with `prefix` into a folder, without that prefix.
 *
 * @throws Error for a file that isn't a zip archive, and for names that lead out of the folder, such as `../name`.
 */
export async function unzip(archive: string, prefix: string, folder: string): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.startsWith(prefix) || entry.fileName.endsWith('/')) continue;
    const path = join(folder, entry.fileName.slice(prefix.length));
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }));
  }
}

/** A jar or a wheel doesn't keep file modes here. */
export async function makeExecutable(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755);
}
