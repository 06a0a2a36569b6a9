import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stop } from 'esbuild';
import { z } from 'zod';

const pageModule = z.object({
  buildPage: z.custom<(outDirectory: string) => Promise<void>>((value) => typeof value === 'function'),
});

/** Builds the files of the live page into a folder. */
export async function buildPageFiles(project: string, outDirectory: string): Promise<void> {
  const source = pathToFileURL(join(project, 'functions/live/page/build.ts')).href;
  const { buildPage } = pageModule.parse(await import(source));
  await buildPage(outDirectory);
  // Ends the compiler's process, which would wait for more.
  await stop();
}
