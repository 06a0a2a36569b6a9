/** The settings of one deployment: read from the CDK's context, validated, and passed to every stack. */
import * as z from 'zod';

/** The retention periods that CloudWatch Logs offers. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const instanceSize = z
  .string()
  .regex(/^[a-z]\d[a-z]*\.\d*[a-z]+$/, 'expected an instance size such as t4g.micro');

const ZONE_NAME = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/;
const ZONE_ID = /^[a-z]{3,4}\d-az\d$/;
/** MSK accepts no brokers in this zone. Its letter differs from account to account. */
export const ZONES_WITHOUT_MSK: readonly string[] = ['use1-az3'];

const network = z.strictObject({
  /** Zones of the VPC, each with at least one broker and one database subnet. MSK takes two or three. */
  availabilityZones: z.int().min(2).max(3),
  /**
   * The zones by name (`us-east-1a`) or by id (`use1-az1`). By default the first of the account's zones, of which MSK may refuse one:
   * `use1-az3` has another letter in each account.
   */
  zones: z
    .array(z.string().regex(new RegExp(`${ZONE_NAME.source}|${ZONE_ID.source}`), 'expected a zone'))
    .optional(),
  /**
   * How functions and the Kafka poller reach Secrets Manager, Lambda and STS. `docs/cost.md` compares them. `broker`: through the
   * machine of the stage's own broker.
   */
  egress: z.enum(['endpoints', 'nat', 'broker']),
  /** Number of zones with endpoints or NAT gateways. With one, that zone's outage stops the pipeline. */
  egressZones: z.int().min(1).max(3),
});

const kafka = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.(x|\d+)(\.kraft)?$/, 'expected a version of MSK such as 3.9.x.kraft'),
  instanceSize,
  brokersPerZone: z.int().min(1).max(10),
  /** Per broker. */
  volumeGb: z.int().min(1).max(16_384),
});

const broker = z.strictObject({
  /** Of EC2, with a Graviton processor. */
  instanceSize: instanceSize.regex(/^[a-z]\d[a-z]*g[a-z]*\./, 'expected a Graviton size such as t4g.nano'),
  volumeGb: z.int().min(3).max(16_384),
});

const mysql = z.strictObject({
  /** Of the LTS series that the SQL is tested on. */
  version: z.string().regex(/^(8\.4|9\.7)\.\d+$/, 'expected an LTS version of MySQL such as 8.4.10 or 9.7.4'),
  instanceSize,
  storageGb: z.int().min(20).max(65_536),
  /** RDS enlarges the storage automatically up to this. */
  maxStorageGb: z.int().min(20).max(65_536),
  /** MySQL's limit. It must exceed what all functions together can open (docs/scaling.md). */
  maxConnections: z.int().min(20).max(100_000),
  multiAz: z.boolean(),
  backupDays: z.int().min(1).max(35),
});

const stream = z.strictObject({
  /** A stream ends after this time and the browser resumes. Its entire duration is billed. */
  lifetimeSeconds: z.int().min(10).max(890),
  /** Maximum number of concurrent streams: the reserved concurrency of the streaming function. */
  maxViewers: z.int().min(1).max(10_000),
  /** Milliseconds between two polls of the table while nothing happens. The first sale after a pause waits up to this long. */
  quietPollMs: z.int().min(50).max(60_000).default(250),
});

const domain = z.strictObject({
  name: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'expected a host name such as retail.example.com'),
  /** CloudFront takes certificates from us-east-1 only. */
  certificateArn: z
    .string()
    .regex(/^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, 'expected a certificate in us-east-1'),
  /** The Route 53 zone for the name's records. Without it the operator creates them elsewhere. */
  hostedZone: z.strictObject({ id: z.string().regex(/^Z[A-Z0-9]+$/), name: z.string().min(3) }).optional(),
});

const stageSettings = z
  .strictObject({
    network,
    kafka,
    /** One Kafka broker on EC2 instead of MSK, in which case `kafka` doesn't matter and there are neither dashboard nor most alarms. */
    broker: broker.optional(),
    mysql,
    stream,
    /** Protects data from accidental deletion: deletion protection, retained tables and buckets, a final snapshot. */
    protectData: z.boolean(),
    logRetentionDays: z.union(LOG_RETENTION_DAYS.map((days) => z.literal(days))),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
    /** Limits of the HTTP API for all callers together. */
    throttling: z.strictObject({ requestsPerSecond: z.int().min(1), burst: z.int().min(1) }),
    /** Warns at 80 % and 100 %, and when the forecast exceeds it. */
    monthlyBudgetUsd: z.number().positive(),
    /**
     * Whether 100 % of the budget also stops new streams, until somebody allows them again. The budget counts the whole account, so set it
     * only where the account has nothing else in it.
     */
    budgetStopsStreams: z.boolean().default(false),
    /**
     * How traffic moves to new versions of the API's functions: a tenth of it for five minutes first, or all of it. `direct`: without
     * CodeDeploy, whose alarms cost 0.80 USD a month.
     */
    rollout: z.enum(['canary', 'all-at-once', 'direct']).default('canary'),
    /** The secret between CloudFront and the HTTP API: a higher number replaces it without an interruption. */
    originSecretGeneration: z.int().min(1).default(1),
    /** Receives alarms. Without it they appear on the dashboard only. */
    alarmEmail: z.email().optional(),
    /** The runbook that alarm descriptions link to. */
    operationsUrl: z.string().min(1).default('docs/operations.md'),
    /** Name of an IAM policy of the account that bounds every role of the deployment, as some organisations require. */
    permissionsBoundary: z
      .string()
      .regex(/^[\w+=,.@-]{1,128}$/, 'expected the name of a policy')
      .optional(),
    domain: domain.optional(),
    /**
     * New streams that an address may open within five minutes, enforced by a web ACL (6 USD a month). Only for stages in us-east-1, where
     * CloudFront's web ACLs are; elsewhere create one there and set `webAclArn`, which takes precedence.
     */
    streamsPerAddress: z.int().min(10).max(100_000).optional(),
    /** An AWS WAF web ACL (scope CLOUDFRONT) in front of CloudFront. The HTTP API's own address bypasses it. */
    webAclArn: z
      .string()
      .regex(/^arn:aws[\w-]*:wafv2:us-east-1:\d{12}:global\/webacl\//)
      .optional(),
  })
  .superRefine(({ network, broker, mysql }, context) => {
    if ((network.egress === 'broker') !== (broker !== undefined)) {
      const message = 'must be "broker" if, and only if, the stage has a broker of its own';
      context.addIssue({ code: 'custom', path: ['network', 'egress'], message });
    }
    if (network.egressZones > network.availabilityZones) {
      const message = `is more than network.availabilityZones (${network.availabilityZones})`;
      context.addIssue({ code: 'custom', path: ['network', 'egressZones'], message });
    }
    const problem = zoneProblem(network);
    if (problem) context.addIssue({ code: 'custom', path: ['network', 'zones'], message: problem });
    if (mysql.maxStorageGb < mysql.storageGb) {
      const message = `is less than mysql.storageGb (${mysql.storageGb})`;
      context.addIssue({ code: 'custom', path: ['mysql', 'maxStorageGb'], message });
    }
  });

/** Whether a zone is given by its id, which means the same zone in every account. */
export function isZoneId(zone: string): boolean {
  return ZONE_ID.test(zone);
}

function zoneProblem({ zones, availabilityZones }: z.output<typeof network>): string | undefined {
  if (!zones) return undefined;
  if (new Set(zones).size < zones.length) return 'contains a zone twice';
  if (zones.length !== availabilityZones) {
    return `must contain as many zones as network.availabilityZones (${availabilityZones})`;
  }
  if (new Set(zones.map(isZoneId)).size > 1) {
    return 'must contain either names or ids';
  }
  const refused = zones.find((zone) => ZONES_WITHOUT_MSK.includes(zone));
  return refused && `MSK has no brokers in ${refused}`;
}

/** One deployment's settings with its name. */
export type Stage = z.output<typeof stageSettings> & { readonly name: string };

/** The stage's settings are invalid. The message names each invalid setting. */
export class StageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StageError';
  }
}

/** Part of names that AWS limits to 64 characters or fewer. */
const STAGE_NAME = /^[a-z][a-z0-9]{0,11}$/;

/** Reads the CDK's context: `cdk.json`, `cdk.context.json` and `-c`. */
export type ReadContext = (key: string) => unknown;

/**
 * Reads the stage that `-c stage=<name>` asks for, from `stages.<name>` of the context.
 *
 * @throws StageError naming what is missing or invalid.
 */
export function readStage(readContext: ReadContext): Stage {
  const name = readContext('stage');
  if (typeof name !== 'string' || !STAGE_NAME.test(name)) {
    throw new StageError(
      `A stage's name must be 1 to 12 lower-case letters and digits, not ${JSON.stringify(name)}: pass -c stage=dev.`,
    );
  }
  const stages = z.record(z.string(), z.unknown()).catch({}).parse(readContext('stages'));
  const parsed = stageSettings.safeParse(described(stages, name, []));
  if (parsed.success) return { ...parsed.data, name };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${['stages', name, ...path].join('.')}: ${message}`,
  );
  throw new StageError(`Invalid settings in cdk.json: ${problems.join('; ')}.`);
}

/** A stage's settings merged over those of the stage it extends. Objects are merged, other values replaced. */
function described(
  stages: Readonly<Record<string, unknown>>,
  name: string,
  heirs: readonly string[],
): unknown {
  if (heirs.includes(name))
    throw new StageError(`The stages ${[...heirs, name].join(' → ')} extend each other.`);
  const stage = stages[name];
  if (!isObject(stage)) {
    const known = Object.keys(stages).join(', ');
    throw new StageError(
      `cdk.json describes no stage "${name}" under "stages"; it describes: ${known || 'none'}.`,
    );
  }
  const { extends: base, ...own } = stage;
  if (base === undefined) return own;
  if (typeof base !== 'string') throw new StageError(`stages.${name}.extends is not the name of a stage.`);
  return merged(described(stages, base, [...heirs, name]), own);
}

function merged(base: unknown, own: unknown): unknown {
  if (!isObject(base) || !isObject(own)) return own === undefined ? base : own;
  const keys = new Set([...Object.keys(base), ...Object.keys(own)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(base[key], own[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
