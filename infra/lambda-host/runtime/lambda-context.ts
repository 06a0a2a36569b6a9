import type { Context } from 'aws-lambda';
import type { InvokeMessage, WorkerSettings } from './protocol.ts';

/** AWS's account of examples: nothing on this machine belongs to a real one. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** What a handler is told of its invocation. The callback functions of old runtimes are gone since Node 24's. */
export type LambdaContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

export function functionArn(region: string, functionName: string): string {
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT_ID}:function:${functionName}`;
}

export function lambdaContext(
  { functionName, memoryMb, region }: WorkerSettings,
  invocation: Pick<InvokeMessage, 'requestId' | 'deadline'>,
  logStreamName: string,
): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn(region, functionName),
    memoryLimitInMB: String(memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}
