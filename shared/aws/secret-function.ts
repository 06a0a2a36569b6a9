/** Gets passwords and tokens from `functions/secret`. Apart from `secrets.ts`, because bundles contain what either may import. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { ReadSecret } from './secrets.ts';

/** Timeouts in ms: the function may have to start first, and a request of the API that waits for the token is answered within 8 s. */
const BOUNDS = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;
const ATTEMPTS = 2;

let lambda: LambdaClient | undefined;

/** The function couldn't return a secret. The message doesn't contain what it returned. */
class SecretFunctionError extends Error {}

/**
 * Returns a function that gets a secret from the Lambda function `functions/secret` each time it is called: for functions in the
 * VPC, from which Lambda can be reached and Secrets Manager can't.
 *
 * @param functionName Its name in the stage, such as `rtm-dev-token`.
 * @returns A function that throws SecretFunctionError if `functions/secret` fails or returns no text.
 */
export function secretOfFunction(functionName: string): ReadSecret {
  return async () => {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    lambda ??= new LambdaClient({ requestHandler: BOUNDS, maxAttempts: ATTEMPTS });
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: functionName }));
    if (FunctionError)
      throw new SecretFunctionError(`The function ${functionName} failed: ${FunctionError}.`);
    const text = z.string().safeParse(JSON.parse(Buffer.from(Payload ?? []).toString() || 'null'));
    if (!text.success) throw new SecretFunctionError(`The function ${functionName} returned no text.`);
    return text.data;
  };
}
