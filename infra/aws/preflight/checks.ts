/**
 * Judges what AWS answered about an account: pure functions, each with a remedy for what would stop a deployment, often an hour
 * after it began.
 */
import type { SystemDescription } from '../../system-description.ts';
import { reservedConcurrencyOf } from '../stacks/system-function.ts';
import { isZoneId, type Stage, ZONES_WITHOUT_MSK } from '../stage.ts';
import type { Concurrency, DatabaseOffers, KafkaVersion, StackState, Zone } from './answers.ts';

/** `ok`: nothing in the way. `refused`: the deployment would fail. `note`: can't be known, or is known to be harmless. */
export interface Verdict {
  readonly state: 'ok' | 'refused' | 'note';
  readonly text: string;
  /** What to do, one step a line. */
  readonly remedy?: string;
}

const ok = (text: string): Verdict => ({ state: 'ok', text });
const refused = (text: string, remedy: string): Verdict => ({ state: 'refused', text, remedy });
const note = (text: string, remedy?: string): Verdict => ({
  state: 'note',
  text,
  ...(remedy === undefined ? {} : { remedy }),
});

/** What the CDK's templates require of the bootstrap stack. A test compares it with the synthesis. */
export const REQUIRED_BOOTSTRAP_VERSION = 6;

/** Whether the CDK is bootstrapped. @param version The bootstrap stack's; undefined if there is none. */
export function judgeBootstrap(
  version: number | undefined,
  { account, region }: { readonly account: string; readonly region: string },
): Verdict {
  const remedy = `npx cdk bootstrap aws://${account}/${region}`;
  if (version === undefined) return refused(`account ${account} is not bootstrapped in ${region}`, remedy);
  if (version >= REQUIRED_BOOTSTRAP_VERSION) return ok(`version ${version}`);
  return refused(`version ${version}; the templates need ${REQUIRED_BOOTSTRAP_VERSION}`, remedy);
}

/** Lambda keeps as many environments for functions that reserve none. */
const ALWAYS_UNRESERVED = 100;

/** Quota code of Lambda's concurrent executions, in Service Quotas. */
const CONCURRENCY_QUOTA = 'L-B99A9384';

/** Whether the account can reserve the concurrency that the stage's functions ask for. */
export function judgeConcurrency(
  { quota, unreserved, reservedByStage }: Concurrency,
  { stage, system, region }: { stage: Stage; system: SystemDescription; region: string },
): Verdict {
  const definitions = Object.values(system.functions);
  const needed = definitions.reduce((sum, each) => sum + (reservedConcurrencyOf(each, stage) ?? 0), 0);
  const available = Math.max(0, unreserved + reservedByStage - ALWAYS_UNRESERVED);
  if (available >= needed) return ok(`${needed} of ${available} reservable environments`);
  const missing = quota + needed - available;
  return refused(
    `the functions reserve ${needed} environments, and ${available} of the quota of ${quota} can be reserved`,
    `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda ` +
      `--quota-code ${CONCURRENCY_QUOTA} --desired-value ${Math.max(1000, missing)}\n` +
      'AWS answers within a day or two; new accounts start with 10.',
  );
}

const described = ({ name, id }: Zone) => `${name} (${id})`;

/** Which zones the VPC's subnets will be in, and whether MSK takes brokers there. */
export function judgeZones(zones: readonly Zone[], { name, network, broker }: Stage): Verdict {
  const chosen = chosenZones(zones, network);
  const excluded = broker ? [] : ZONES_WITHOUT_MSK;
  const usable = zones.filter(({ id }) => !excluded.includes(id));
  const count = network.availabilityZones;
  if (usable.length < count) {
    return refused(
      `the stage needs ${count} zones, and the account has ${usable.length} that ${broker ? 'are available' : 'MSK takes'}`,
      `Set stages.${name}.network.availabilityZones in cdk.json to ${usable.length}, or choose another region.`,
    );
  }
  const ids = usable.slice(0, count).map(({ id }) => `"${id}"`);
  const remedy =
    `Set stages.${name}.network.zones in cdk.json to [${ids.join(', ')}].\n` +
    `The account has ${zones.map(described).join(', ')}.`;
  const missing = (network.zones ?? []).filter((asked) => !zones.some((zone) => isNamed(zone, asked)));
  if (missing.length > 0) return refused(`the account has no zone ${missing.join(', ')}`, remedy);
  const wrong = chosen.find(({ id }) => excluded.includes(id));
  if (wrong) return refused(`MSK takes no brokers in ${described(wrong)}`, remedy);
  if (chosen.length < count) {
    return refused(
      `CloudFormation chooses among ${chosen.length} zones, those with a default subnet`,
      remedy,
    );
  }
  return ok(chosen.map(described).join(', '));
}

/**
 * The zones in the order of the subnets: as the stage asks for them, otherwise as CloudFormation chooses them, which is by name and only
 * those with a default subnet if there is one.
 */
export function chosenZones(zones: readonly Zone[], network: Stage['network']): Zone[] {
  const { zones: asked, availabilityZones } = network;
  if (asked) return asked.flatMap((each) => zones.find((zone) => isNamed(zone, each)) ?? []);
  const withSubnet = zones.filter(({ hasDefaultSubnet }) => hasDefaultSubnet);
  const candidates = withSubnet.length > 0 ? withSubnet : zones;
  return [...candidates].sort((a, b) => a.name.localeCompare(b.name)).slice(0, availabilityZones);
}

function isNamed({ name, id }: Zone, asked: string): boolean {
  return (isZoneId(asked) ? id : name) === asked;
}

/** Newest first, by their numbers. */
function newestFirst(versions: readonly string[]): string[] {
  return versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

/** MSK creates no cluster with a version that it has deprecated. */
export function judgeKafkaVersion(offered: readonly KafkaVersion[], { name, kafka }: Stage): Verdict {
  const status = offered.find(({ version }) => version === kafka.version)?.status;
  if (status === 'ACTIVE') return ok(`MSK offers ${kafka.version}`);
  const active = offered.filter((each) => each.status === 'ACTIVE').map(({ version }) => version);
  const [newest = 'an active version'] = newestFirst(active.filter((version) => version.endsWith('.kraft')));
  return refused(
    `MSK offers ${kafka.version} ${status === undefined ? 'not' : `as ${status.toLowerCase()}`} here`,
    `Set stages.${name}.kafka.version in cdk.json to ${newest} (active: ${newestFirst(active).slice(0, 6).join(', ')}).`,
  );
}

/** The broker's machine is in the first of the stage's zones. */
export function judgeMachine(
  offeredIn: readonly string[],
  { name, broker }: Stage,
  zones: readonly Zone[],
): Verdict {
  const [zone] = zones;
  const size = broker?.instanceSize ?? '';
  if (zone && offeredIn.includes(zone.name)) return ok(`EC2 offers ${size} in ${zone.name}`);
  const elsewhere =
    offeredIn.length === 0 ? '' : `, or choose zones that begin with one of ${offeredIn.join(', ')}`;
  return refused(
    `EC2 offers no ${size} in ${zone?.name ?? 'the first zone'}`,
    `Set stages.${name}.broker.instanceSize in cdk.json to another Graviton size such as t4g.micro${elsewhere}.`,
  );
}

/** Whether RDS offers the stage's version and instance class in enough zones. */
export function judgeDatabase(
  { versions, zonesByClass }: DatabaseOffers,
  { name, mysql }: Stage,
  zones: readonly Zone[],
): Verdict {
  const [wanted, instanceClass] = [mysql.version, `db.${mysql.instanceSize}`];
  if (!versions.includes(wanted)) {
    const series = wanted.split('.', 2).join('.');
    const same = newestFirst(versions.filter((version) => version.startsWith(`${series}.`)));
    const [newest = 'a version of 8.4 or 9.7'] = same.length > 0 ? same : newestFirst(versions);
    return refused(
      `RDS offers no MySQL ${wanted} here`,
      `Set stages.${name}.mysql.version in cdk.json to ${newest} (offered: ${newestFirst(versions).slice(0, 6).join(', ')}).`,
    );
  }
  const offered = zonesByClass.get(instanceClass) ?? [];
  const usable = zones.filter((zone) => offered.includes(zone.name));
  const needed = mysql.multiAz ? 2 : 1;
  if (usable.length >= needed) return ok(`RDS offers MySQL ${wanted} on ${instanceClass}`);
  const classes = [...zonesByClass.keys()].sort().slice(0, 8);
  const where = offered.length === 0 ? 'here' : `in ${needed} of the stage's zones`;
  return refused(
    `RDS offers no ${instanceClass} with MySQL ${wanted} ${where}`,
    `Set stages.${name}.mysql.instanceSize in cdk.json, without "db.", to one of ${classes.join(', ')}` +
      `${offered.length === 0 ? '' : `, or choose zones among ${offered.join(', ')}`}.`,
  );
}

/** The first deployment of a stack failed. The CDK deletes such a stack and creates it again. */
const CREATION_FAILED = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'];

/** Stacks in which CloudFormation can't deploy anything. */
export function judgeStacks(stacks: readonly StackState[], stageName: string, region: string): Verdict {
  const problems = stacks.flatMap((stack) => {
    const remedy = remedyFor(stack, stageName, region);
    return remedy === undefined ? [] : [{ stack, remedy }];
  });
  if (problems.length > 0) {
    return refused(
      problems.map(({ stack }) => `${stack.name} is in state ${stack.status}`).join(', '),
      problems.map(({ remedy }) => remedy).join('\n'),
    );
  }
  const again = stacks.filter(({ status }) => CREATION_FAILED.includes(status));
  if (again.length > 0) {
    return note(
      `${again.map(({ name }) => name).join(', ')} failed before: the CDK deletes and creates it again`,
    );
  }
  return ok(stacks.length === 0 ? 'none yet' : `${stacks.length}, none in a failed state`);
}

function remedyFor(
  { name, status, isProtected }: StackState,
  stage: string,
  region: string,
): string | undefined {
  const aws = `aws cloudformation --region ${region}`;
  const named = `--stack-name ${name}`;
  const remove = `${aws} delete-stack ${named} && ${aws} wait stack-delete-complete ${named}`;
  if (CREATION_FAILED.includes(status)) {
    // The CDK's own attempt would fail.
    return isProtected
      ? `${aws} update-termination-protection --no-enable-termination-protection ${named} && ${remove}`
      : undefined;
  }
  if (status === 'DELETE_FAILED') return remove;
  // From a deployment with --no-rollback, or whose roll-back failed.
  if (status.endsWith('_FAILED')) return `npx cdk rollback ${name} -c stage=${stage}`;
  if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') {
    return `Wait until ${name} is done: ${aws} describe-stacks ${named} --query "Stacks[0].StackStatus"`;
  }
  return undefined;
}

/** No API reports whether AWS lets an account create distributions. One that exists proves it. */
export function judgeCloudFront(hasDistribution: boolean): Verdict {
  if (hasDistribution) return ok('the account has a distribution, so AWS has verified it');
  return note(
    'the account has no distribution yet, so whether AWS has verified it shows only at the end',
    'If the stack edge fails with "Your account must be verified", open a case at ' +
      'https://console.aws.amazon.com/support (account and billing, free), then deploy again: finished stacks stay.',
  );
}
