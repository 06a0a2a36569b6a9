import { messageOf } from '../../../infra/local/servers/setup-error.ts';

/**
 * Measures a peer. One that fails is left out with a line, so that the row keeps its own figures.
 *
 * @returns null if it failed.
 */
export async function orLeftOut<Result>(
  peer: string,
  report: (line: string) => void,
  measure: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await measure();
  } catch (error) {
    report(`  Left out: ${peer} (${messageOf(error)})`);
    return null;
  }
}
