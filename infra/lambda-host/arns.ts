/** The account of AWS's own examples, because nothing here belongs to a real one. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/**
 * The ARN of a function of this host.
 *
 * @example functionArn('eu-central-1', 'billing') // arn:aws:lambda:eu-central-1:000000000000:function:billing
 */
export function functionArn(region: string, functionName: string): string {
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT_ID}:function:${functionName}`;
}
