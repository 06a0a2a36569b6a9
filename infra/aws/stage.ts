/** The settings of one deployment: read from the CDK's context, validated, and passed to every stack. */
import * as z from 'zod';

/** What CloudWatch Logs knows of durations. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const instanceSize = z
  .string()
  .regex(/^[a-z]\d[a-z]*\.\d*[a-z]+$/, 'expected an instance size such as t4g.micro');

const network = z.strictObject({
  /** Zones of the VPC; one broker or more and one database subnet in each. MSK takes two or three. */
  availabilityZones: z.int().min(2).max(3),
  /** How functions and the Kafka poller reach Secrets Manager, Lambda and STS. `docs/cost.md` compares them. */
  egress: z.enum(['endpoints', 'nat']),
  /** In how many zones the endpoints or NAT gateways stand. With one, that zone's outage stops the pipeline. */
  egressZones: z.int().min(1).max(3),
});

const kafka = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.(x|\d+)(\.kraft)?$/, 'expected a version of MSK such as 3.9.x.kraft'),
  instanceSize,
  brokersPerZone: z.int().min(1).max(10),
  /** Of each broker. */
  volumeGb: z.int().min(1).max(16_384),
});

const mysql = z.strictObject({
  /** Of the LTS series that the SQL is tested on. */
  version: z.string().regex(/^(8\.4|9\.7)\.\d+$/, 'expected an LTS version of MySQL such as 8.4.10 or 9.7.4'),
  instanceSize,
  storageGb: z.int().min(20).max(65_536),
  /** Storage grows up to this by itself. */
  maxStorageGb: z.int().min(20).max(65_536),
  /** What MySQL takes; more than all functions together can open (docs/scaling.md). */
  maxConnections: z.int().min(20).max(100_000),
  multiAz: z.boolean(),
  backupDays: z.int().min(1).max(35),
});

const stream = z.strictObject({
  /** After how long a stream ends and the browser resumes; its whole duration is billed. */
  lifetimeSeconds: z.int().min(10).max(890),
  /** Streams at once: the reserved concurrency of the streaming function. */
  maxViewers: z.int().min(1).max(10_000),
  /** Milliseconds between two looks of a stream at the table while nothing happens: the first sale after a pause waits so long. */
  quietPollMs: z.int().min(50).max(60_000).default(250),
});

const domain = z.strictObject({
  name: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'expected a host name such as retail.example.com'),
  /** CloudFront takes certificates from us-east-1 only. */
  certificateArn: z
    .string()
    .regex(/^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, 'expected a certificate in us-east-1'),
  /** The zone of Route 53 in which the name is entered; without it the operator does that elsewhere. */
  hostedZone: z.strictObject({ id: z.string().regex(/^Z[A-Z0-9]+$/), name: z.string().min(3) }).optional(),
});

const stageSettings = z
  .strictObject({
    network,
    kafka,
    mysql,
    stream,
    /** Keeps data safe from a mistaken destroy: deletion protection, retained tables and buckets, a last snapshot. */
    protectData: z.boolean(),
    logRetentionDays: z.union(LOG_RETENTION_DAYS.map((days) => z.literal(days))),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
    /** Of the HTTP API, all callers together. */
    throttling: z.strictObject({ requestsPerSecond: z.int().min(1), burst: z.int().min(1) }),
    /** A warning at 80 % and at 100 % of it, and when the forecast passes it. */
    monthlyBudgetUsd: z.number().positive(),
    /** Who is told of alarms. Without it they show on the dashboard alone. */
    alarmEmail: z.email().optional(),
    /** Where the alarms' descriptions point to. */
    operationsUrl: z.string().min(1).default('docs/operations.md'),
    domain: domain.optional(),
    /** A web ACL of AWS WAF (scope CLOUDFRONT) before CloudFront. The HTTP API's own address stays reachable without it. */
    webAclArn: z
      .string()
      .regex(/^arn:aws[\w-]*:wafv2:us-east-1:\d{12}:global\/webacl\//)
      .optional(),
  })
  .superRefine(({ network, mysql }, context) => {
    if (network.egressZones > network.availabilityZones) {
      const message = `is more than network.availabilityZones (${network.availabilityZones})`;
      context.addIssue({ code: 'custom', path: ['network', 'egressZones'], message });
    }
    if (mysql.maxStorageGb < mysql.storageGb) {
      const message = `is less than mysql.storageGb (${mysql.storageGb})`;
      context.addIssue({ code: 'custom', path: ['mysql', 'maxStorageGb'], message });
    }
  });

/** One deployment's settings with its name. */
export type Stage = z.output<typeof stageSettings> & { readonly name: string };

/** The stage can't be deployed as it is described. The message names each wrong setting. */
export class StageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StageError';
  }
}

/** It becomes part of names that AWS limits to 64 characters and less. */
const STAGE_NAME = /^[a-z][a-z0-9]{0,11}$/;

/** Where values of the CDK's context come from: `cdk.json`, `cdk.context.json` and `-c`. */
export type ReadContext = (key: string) => unknown;

/**
 * Reads the stage that `-c stage=<name>` asks for, from `stages.<name>` of the context.
 *
 * @throws StageError naming what is missing or wrong.
 */
export function readStage(readContext: ReadContext): Stage {
  const name = readContext('stage');
  if (typeof name !== 'string' || !STAGE_NAME.test(name)) {
    throw new StageError(
      `The stage ${JSON.stringify(name)} is no name of 1 to 12 lower-case letters and digits: pass -c stage=dev.`,
    );
  }
  const stages = z.record(z.string(), z.unknown()).catch({}).parse(readContext('stages'));
  const parsed = stageSettings.safeParse(described(stages, name, []));
  if (parsed.success) return { ...parsed.data, name };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${['stages', name, ...path].join('.')}: ${message}`,
  );
  throw new StageError(`Wrong settings in cdk.json: ${problems.join('; ')}.`);
}

/** What a stage says, laid over what the one that it `extends` says; objects are merged, all else is replaced. */
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
