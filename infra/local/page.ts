import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stop } from 'esbuild';
import * as z from 'zod';

const pageModule = z.object({
  buildPage: z.custom<(outDirectory: string) => Promise<void>>((value) => typeof value === 'function'),
});

/** Builds the files of the live page into a folder. The compiler's process stays: other builds may be going on in it. */
export async function buildPageFiles(project: string, outDirectory: string): Promise<void> {
  const source = pathToFileURL(join(project, 'web/build.ts')).href;
  const { buildPage } = pageModule.parse(await import(source));
  await buildPage(outDirectory);
}

/** The same for who builds nothing else: ends the compiler's process, which would wait for more. */
export async function buildPageAlone(project: string, outDirectory: string): Promise<void> {
  await buildPageFiles(project, outDirectory);
  await stop();
}
