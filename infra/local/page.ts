import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const pageModule = z.object({
  buildPage: z.custom<(outDirectory: string) => Promise<void>>((value) => typeof value === 'function'),
});

/** Builds the files of the live page into a folder. */
export async function buildPageFiles(project: string, outDirectory: string): Promise<void> {
  const source = join(project, 'functions/live/page/build.ts');
  if (!existsSync(source)) return;
  const { buildPage } = pageModule.parse(await import(pathToFileURL(source).href));
  await buildPage(outDirectory);
}
