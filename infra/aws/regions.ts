import { type Stage, StageError } from './stage.ts';

/** What a region may lack although the system can run there: budgets, or an instance class of RDS. */
type Gap = 'budgets' | `db.${string}`;

/**
 * The regions with everything that the stacks can't do without, and the gaps of each. Other regions lack function URLs, which
 * the live stream needs, or belong to a partition without CloudFront. Taken from cfn-lint 1.58.0; a test compares.
 */
export const regions: Readonly<Record<string, readonly Gap[]>> = {
  'af-south-1': ['budgets', 'db.m7g.large'],
  'ap-east-1': ['budgets', 'db.m7g.large'],
  'ap-northeast-1': [],
  'ap-northeast-2': [],
  'ap-northeast-3': ['budgets'],
  'ap-south-1': [],
  'ap-southeast-1': [],
  'ap-southeast-2': [],
  'ap-southeast-3': ['budgets'],
  'ca-central-1': [],
  'eu-central-1': [],
  'eu-north-1': ['budgets'],
  'eu-south-1': ['budgets', 'db.m7g.large'],
  'eu-south-2': ['budgets'],
  'eu-west-1': [],
  'eu-west-2': [],
  'eu-west-3': [],
  'me-south-1': [],
  'sa-east-1': [],
  'us-east-1': [],
  'us-east-2': [],
  'us-west-1': [],
  'us-west-2': [],
};

/**
 * Checks that a stage can be deployed to a region.
 *
 * @throws StageError with a remedy.
 */
export function checkRegion(region: string, { name, mysql, network }: Stage): void {
  const gaps = regions[region];
  if (!gaps) {
    throw new StageError(
      `The region ${region} lacks function URLs or CloudFront. Set AWS_REGION to one of: ${Object.keys(regions).join(', ')}.`,
    );
  }
  const instanceClass = `db.${mysql.instanceSize}`;
  if (gaps.some((gap) => gap === instanceClass)) {
    throw new StageError(
      `RDS offers no ${instanceClass} in ${region}: choose another stages.${name}.mysql.instanceSize, such as r6g.large.`,
    );
  }
  if (region === 'us-west-1' && network.availabilityZones > 2) {
    throw new StageError(
      `MSK takes exactly two zones in us-west-1: set stages.${name}.network.availabilityZones and egressZones to 2.`,
    );
  }
}

/** Whether CloudFormation can create budgets in a region. Without a known region, it is assumed. */
export function hasBudgets(region: string | undefined): boolean {
  return region === undefined || !regions[region]?.includes('budgets');
}
