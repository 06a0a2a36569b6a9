import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stop } from 'esbuild';
import * as z from 'zod';

const pageModule = z.object({
  buildPage: z.custom<(outDirectory: string) => Promise<void>>((value) => typeof value === 'function'),
});

/** Builds the files of the live page into a folder. The compiler's process keeps running, because other builds may use it. */
export async function buildPageFiles(project: string, outDirectory: string): Promise<void> {
  const source = pathToFileURL(join(project, 'web/build.ts')).href;
  const { buildPage } = pageModule.parse(await import(source));
  await buildPage(outDirectory);
}

/** Builds the page and then ends the compiler's process, for callers that build nothing else. */
export async function buildPageAlone(project: string, outDirectory: string): Promise<void> {
  await buildPageFiles(project, outDirectory);
  await stop();
}
