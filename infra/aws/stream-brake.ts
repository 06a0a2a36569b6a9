/** Stops new streams once the month's budget is spent. Invoked by the budget's notification. */
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { createLogger } from '../../shared/observability/logger.ts';
import { readSettings } from '../../shared/settings.ts';

const settings = readSettings(z.object({ STREAM_FUNCTION_NAME: z.string().min(1) }));
const lambda = new LambdaClient();
const log = createLogger('stream-brake');

/** Lets no stream begin. Those that are open end by themselves within their lifetime. */
export async function handler(): Promise<void> {
  const FunctionName = settings.STREAM_FUNCTION_NAME;
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  log.warn('streams stopped: the budget is spent', { function: FunctionName });
}
