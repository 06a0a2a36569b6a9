/** The answers of an account in which a deployment would succeed, as recorded in `answers`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Answer } from './aws-stand-in.ts';

const ANSWERS = path.join(import.meta.dirname, 'answers');

const READY = [
  'sts.GetCallerIdentity',
  'ssm.GetParameter',
  'lambda.GetAccountSettings',
  'ec2.DescribeAvailabilityZones',
  'ec2.DescribeSubnets',
  'ec2.DescribeInstanceTypeOfferings',
  'kafka.ListKafkaVersions',
  'rds.DescribeDBEngineVersions',
  'rds.DescribeOrderableDBInstanceOptions',
  'cloudformation.DescribeStacks',
  'cloudfront.ListDistributions',
] as const;

export const NOT_FOUND: Answer = {
  status: 404,
  errorType: 'ResourceNotFoundException',
  body: JSON.stringify({ Type: 'User', Message: 'Function not found' }),
};

/** A recorded answer, by operation. */
export function recorded(operation: string): string {
  const format = /^(ssm|lambda|kafka)\./.test(operation) ? 'json' : 'xml';
  return readFileSync(path.join(ANSWERS, `${operation}.${format}`), 'utf8');
}

/** By operation. */
export function readyAnswers(): Map<string, Answer> {
  return new Map([
    ...READY.map((operation) => [operation, { body: recorded(operation) }] as const),
    ['lambda.GetFunctionConcurrency', NOT_FOUND],
  ]);
}
