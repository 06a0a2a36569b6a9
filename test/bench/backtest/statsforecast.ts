/** The models of statsforecast, in a process of their own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { requirePythonProgram } from '../../support/python-program.ts';

export const STATSFORECAST = { name: 'statsforecast', version: '2.1.1' } as const;
const SCRIPT = fileURLToPath(new URL('against_statsforecast.py', import.meta.url));

export interface Question {
  /** Days to forecast. */
  readonly horizon: number;
  /** Levels of the intervals, in percent. */
  readonly levels: readonly number[];
  /** Units of a day, oldest first. */
  readonly histories: readonly (readonly number[])[];
  /** Default: all three. AutoARIMA takes seconds a series. */
  readonly models?: readonly ('AutoETS' | 'AutoTheta' | 'AutoARIMA')[];
}

/** By model: the processor time of all forecasts in seconds, and the path of each history. */
const answerSchema = z.record(
  z.string(),
  z.object({ seconds: z.number(), paths: z.array(z.array(z.array(z.number()))) }),
);

/** Returns the Python that has it, installing it the first time. @throws SetupError with what is missing. */
export async function requireStatsforecast(report: (line: string) => void): Promise<string> {
  return path.join(path.dirname(await requirePythonProgram(STATSFORECAST, report)), 'python');
}

export async function askStatsforecast(
  python: string,
  question: Question,
): Promise<z.infer<typeof answerSchema>> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(question));
  const answer = await text(child.stdout);
  if (answer === '') throw new Error('statsforecast failed; its own message is above.');
  return answerSchema.parse(JSON.parse(answer));
}
