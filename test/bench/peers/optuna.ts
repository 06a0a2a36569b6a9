/** Optuna's search, in a process of its own. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const SCRIPT = fileURLToPath(new URL('optuna_search.py', import.meta.url));
const answerSchema = z.object({ milliseconds: z.array(z.number()) });

/**
 * Searches a moving average's parameters for each series.
 *
 * @param python The interpreter of an environment with Optuna.
 * @param series Units of a day, oldest first.
 * @returns the processor time of each search in milliseconds.
 */
export async function optunaSearches(
  python: string,
  series: readonly (readonly number[])[],
  trials: number,
): Promise<number[]> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ trials, series }));
  const answer = await text(child.stdout);
  if (answer === '') throw new Error('Optuna failed; its own message is above.');
  return answerSchema.parse(JSON.parse(answer)).milliseconds;
}
