import { HttpProblem } from '../../shared/api/errors.ts';
import { OutcomeUnknownError, RunContentionError } from '../../shared/simulation/dynamodb.ts';

/** Throws what a client is told of a store's error; others stay as they are. For use with `.catch()`. */
export function asProblem(error: unknown): never {
  if (error instanceof OutcomeUnknownError) {
    const detail =
      'The answer was lost, so the day may have been accepted or not; read GET /simulation/status before you try again.';
    throw new HttpProblem('outcome_unknown', detail, { cause: error });
  }
  if (error instanceof RunContentionError)
    throw new HttpProblem('run_replaced', error.message, { cause: error });
  throw error;
}
