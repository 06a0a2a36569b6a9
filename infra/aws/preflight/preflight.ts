/** Asks AWS what would stop a deployment, before it begins. */
import { deployedSystem } from '../../system.ts';
import type { SystemDescription } from '../../system-description.ts';
import { checkRegion } from '../regions.ts';
import { type Stage, StageError } from '../stage.ts';
import { PROJECT, stageName } from '../system-stack.ts';
import { type Account, type Identity, openAccount } from './answers.ts';
import type { Verdict } from './checks.ts';
import * as checks from './checks.ts';
import { type AwsRegion, clientTarget, findRegion } from './target.ts';

/** A verdict with the name of its check. */
export type CheckResult = Verdict & { readonly check: string };

export interface Preflight {
  readonly rows: readonly CheckResult[];
  /** Whether nothing was refused. */
  readonly passed: boolean;
  /** Undefined if none is set. */
  readonly region: string | undefined;
}

const NO_REGION: CheckResult = {
  check: 'region',
  state: 'refused',
  text: 'no region is set',
  remedy: 'export AWS_REGION=eu-central-1, or set the region of your profile: aws configure',
};

/** Runs every check. Without region or credentials the others are left out, because they would only repeat that. */
export async function preflight(
  stage: Stage,
  {
    open = openAccount,
    system = deployedSystem,
  }: { open?: typeof openAccount; system?: SystemDescription } = {},
): Promise<Preflight> {
  const region = await findRegion();
  if (!region) return { rows: [NO_REGION], passed: false, region: undefined };
  const rows = await rowsOf(stage, { region, system, account: open(clientTarget(region.name)) });
  return { rows, passed: rows.every(({ state }) => state !== 'refused'), region: region.name };
}

interface Context {
  readonly region: AwsRegion;
  readonly system: SystemDescription;
  readonly account: Account;
}

async function rowsOf(stage: Stage, context: Context): Promise<CheckResult[]> {
  const { account } = context;
  const regionRow = { check: 'region', ...judgeRegion(context.region, stage) };
  try {
    const identity = await account.identity();
    const credentials: CheckResult = {
      check: 'credentials',
      state: 'ok',
      text: `${identity.arn} in account ${identity.account}`,
    };
    return [regionRow, credentials, ...(await answered(stage, identity, context))];
  } catch (error) {
    return [regionRow, { check: 'credentials', ...judgeCredentials(error) }];
  }
}

function judgeRegion({ name, source }: AwsRegion, stage: Stage): Verdict {
  try {
    checkRegion(name, stage);
    return { state: 'ok', text: `${name}, from ${source}` };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    const [text = '', ...rest] = error.message.split(/(?<=[.:]) /);
    return {
      state: 'refused',
      text: `${text.replace(/[.:]$/, '')} (region from ${source})`,
      remedy: rest.join(' '),
    };
  }
}

function judgeCredentials(error: unknown): Verdict {
  const reason = error instanceof Error ? error.message : String(error);
  const remedy =
    'Sign in with aws sso login or aws configure, or choose a profile: export AWS_PROFILE=<name>. ' +
    'aws sts get-caller-identity must succeed.';
  return { state: 'refused', text: `signing in to AWS failed: ${reason}`, remedy };
}

async function answered(stage: Stage, identity: Identity, context: Context): Promise<CheckResult[]> {
  const { account, system } = context;
  const region = context.region.name;
  const functionNames = Object.keys(system.functions).map((name) => stageName(stage, name));
  const zones = account.zones();
  return Promise.all([
    row('bootstrap', async () =>
      checks.judgeBootstrap(await account.bootstrapVersion(), { account: identity.account, region }),
    ),
    row('Lambda concurrency', async () =>
      checks.judgeConcurrency(await account.concurrency(functionNames), { stage, system, region }),
    ),
    row('zones', async () => checks.judgeZones(await zones, stage)),
    stage.broker
      ? row('broker', async () => {
          const offeredIn = await account.zonesOfInstanceType(stage.broker?.instanceSize ?? '');
          return checks.judgeMachine(offeredIn, stage, checks.chosenZones(await zones, stage.network));
        })
      : row('Kafka version', async () => checks.judgeKafkaVersion(await account.kafkaVersions(), stage)),
    row('MySQL version', async () => {
      const offers = await account.databaseOffers(stage.mysql.version);
      return checks.judgeDatabase(offers, stage, checks.chosenZones(await zones, stage.network));
    }),
    row('stacks', async () =>
      checks.judgeStacks(await account.stacks(`${PROJECT}-${stage.name}-`), stage.name, region),
    ),
    row('CloudFront', async () => checks.judgeCloudFront(await account.hasDistribution())),
  ]);
}

/** A question that can't be asked stops no deployment: its permissions may suffice for everything else. */
async function row(check: string, judge: () => Promise<Verdict>): Promise<CheckResult> {
  try {
    return { check, ...(await judge()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { check, state: 'note', text: `not checked: ${reason}` };
  }
}

const SIGNS: Readonly<Record<Verdict['state'], string>> = { ok: 'ok', refused: '!!', note: ' -' };

/** The table of checks, with each remedy below its check. */
export function tableOf(rows: readonly CheckResult[]): string[] {
  const width = Math.max(...rows.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 6);
  return rows.flatMap(({ check, state, text, remedy }) => [
    `${SIGNS[state]}  ${check.padEnd(width)}  ${text}`,
    ...(remedy ?? '').split('\n').flatMap((line) => (line === '' ? [] : [`${indent}→ ${line}`])),
  ]);
}
