import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readStage, type Stage } from './stage.ts';

const context = z.record(z.string(), z.unknown());
const cdkJson = z.object({ context: context.default({}) });

/**
 * Reads a stage from the files in which the CDK's command line looks for context: `cdk.json`, and `cdk.context.json`, which wins.
 *
 * @throws StageError naming what is missing or invalid.
 */
export async function readStageOfProject(folder: string, stage: string): Promise<Stage> {
  const settings = cdkJson.parse(JSON.parse(await readFile(path.join(folder, 'cdk.json'), 'utf8')));
  const more = await readFile(path.join(folder, 'cdk.context.json'), 'utf8').catch(() => '{}');
  const merged: Record<string, unknown> = { ...settings.context, ...context.parse(JSON.parse(more)), stage };
  return readStage((key) => merged[key]);
}
