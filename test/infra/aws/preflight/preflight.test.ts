/** Runs the checks with the SDK's own clients on recorded answers, each with an answer that refuses the deployment. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REQUIRED_BOOTSTRAP_VERSION } from '../../../../infra/aws/preflight/checks.ts';
import { type CheckResult, preflight, tableOf } from '../../../../infra/aws/preflight/preflight.ts';
import type { Stage } from '../../../../infra/aws/stage.ts';
import { stageNamed, synthesize } from '../synthesis.ts';
import { type Answer, type Asked, type AwsStandIn, startAws } from './aws-stand-in.ts';
import { NOT_FOUND, readyAnswers, recorded } from './recorded.ts';

let aws: AwsStandIn;
let answers: Map<string, Answer | ((asked: Asked) => Answer)>;
let home: string;

beforeEach(async () => {
  answers = readyAnswers();
  aws = await startAws((asked) => {
    const answer = answers.get(asked.operation);
    return typeof answer === 'function' ? answer(asked) : answer;
  });
  home = await mkdtemp(path.join(tmpdir(), 'preflight-'));
  for (const name of Object.keys(process.env)) if (/^(AWS|AMAZON)_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', path.join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(home, 'credentials'));
  vi.stubEnv('AWS_REGION', 'us-east-1');
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  aws.close();
  await rm(home, { recursive: true });
});

function replace(operation: string, text: string | RegExp, by: string): void {
  const before = recorded(operation);
  const body = before.replaceAll(text instanceof RegExp ? new RegExp(text, 'g') : text, by);
  if (body === before) throw new Error(`${operation} doesn't contain ${text}.`);
  answers.set(operation, { body });
}

async function rowOf(check: string, stage: Stage = stageNamed('dev')): Promise<CheckResult> {
  const { rows } = await preflight(stage);
  const row = rows.find((each) => each.check === check);
  if (!row) throw new Error(`No check "${check}" in ${JSON.stringify(rows)}`);
  return row;
}

describe('an account in which a deployment would succeed', () => {
  it('every check of such an account passes, and asks the same region', async () => {
    const { rows, passed, region } = await preflight(stageNamed('dev'));
    expect({ passed, region }).toEqual({ passed: true, region: 'us-east-1' });
    expect(tableOf(rows)).toEqual([
      'ok  region              us-east-1, from AWS_REGION',
      'ok  credentials         arn:aws:iam::111122223333:user/ada in account 111122223333',
      'ok  bootstrap           version 30',
      expect.stringMatching(/^ok {2}Lambda concurrency {2}\d+ of 900 reservable environments$/),
      'ok  zones               us-east-1a (use1-az4), us-east-1b (use1-az6)',
      'ok  Kafka version       MSK offers 3.9.x.kraft',
      'ok  MySQL version       RDS offers MySQL 8.4.10 on db.t4g.micro',
      'ok  stacks              1, none in a failed state',
      ' -  CloudFront          the account has no distribution yet, so whether AWS has verified it shows only at the end',
      expect.stringContaining('account must be verified'),
    ]);
    expect(new Set(aws.asked.map((each) => each.region))).toEqual(new Set(['us-east-1']));
  });

  it('every check passes for prod, except that its zones include one that MSK refuses', async () => {
    const { rows } = await preflight(stageNamed('prod'));
    expect(rows.filter(({ state }) => state === 'refused').map(({ check }) => check)).toEqual(['zones']);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const prod = stageNamed('prod');
    const zones = ['use1-az4', 'use1-az6', 'use1-az2'];
    const chosen = { ...prod, network: { ...prod.network, zones } };
    expect((await preflight(chosen)).passed).toBe(true);
  });

  it('a distribution proves that AWS has verified the account', async () => {
    replace('cloudfront.ListDistributions', '<Quantity>0<', '<Quantity>1<');
    expect(await rowOf('CloudFront')).toMatchObject({ state: 'ok' });
  });
});

describe('the region', () => {
  it('a missing region is refused, because the CDK would silently deploy to us-east-1', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    const { rows, passed } = await preflight(stageNamed('dev'));
    expect(passed).toBe(false);
    expect(rows).toEqual([expect.objectContaining({ check: 'region', state: 'refused' })]);
    expect(rows[0]?.remedy).toContain('export AWS_REGION=');
    expect(aws.asked).toEqual([]);
  });

  it.each([
    ['AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'eu-west-1' }, 'eu-west-1, from AWS_DEFAULT_REGION'],
    ['the profile', { AWS_PROFILE: 'shop' }, 'ap-northeast-1, from profile shop'],
    [
      'the profile of AWS_DEFAULT_PROFILE',
      { AWS_DEFAULT_PROFILE: 'shop' },
      'ap-northeast-1, from profile shop',
    ],
    ['the default profile', { AWS_PROFILE: 'bare' }, 'eu-north-1, from profile default'],
  ])('the region is taken from %s, as by the CDK', async (_from, environment, text) => {
    const keys = 'aws_access_key_id = of-profile\naws_secret_access_key = test\n';
    await writeFile(
      path.join(home, 'config'),
      `[default]\nregion = eu-north-1\n[profile shop]\nregion = ap-northeast-1\n${keys}[profile bare]\n${keys}`,
    );
    vi.stubEnv('AWS_REGION', undefined);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { rows, region } = await preflight(stageNamed('dev'));
    expect(rows[0]).toMatchObject({ state: 'ok', text });
    const regions = aws.asked
      .filter(({ operation }) => !operation.startsWith('cloudfront'))
      .map((each) => each.region);
    expect(new Set(regions)).toEqual(new Set([region]));
  });

  it('a region without function URLs is refused with the regions that have them', async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-2');
    const row = await rowOf('region');
    expect(row).toMatchObject({ state: 'refused', text: expect.stringContaining('function URLs') });
    expect(row.remedy).toMatch(/^Set AWS_REGION to one of: .*eu-central-1/);
  });

  it('a third zone is refused in us-west-1, where MSK takes two', async () => {
    vi.stubEnv('AWS_REGION', 'us-west-1');
    expect(await rowOf('region', stageNamed('prod'))).toMatchObject({
      state: 'refused',
      remedy: expect.stringContaining('stages.prod.network.availabilityZones and egressZones to 2'),
    });
  });
});

describe('credentials', () => {
  it('missing credentials are refused with the ways to sign in, and nothing else is asked', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    const { rows, passed } = await preflight(stageNamed('dev'));
    expect(passed).toBe(false);
    expect(rows.map(({ check }) => check)).toEqual(['region', 'credentials']);
    expect(rows[1]).toMatchObject({
      state: 'refused',
      remedy: expect.stringMatching(/aws sso login.*AWS_PROFILE/),
    });
    expect(aws.asked).toEqual([]);
  });

  it('expired credentials are refused with the reason that STS gives', async () => {
    const body =
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>ExpiredToken</Code>' +
      '<Message>The security token included in the request is expired</Message></Error><RequestId>1</RequestId></ErrorResponse>';
    answers.set('sts.GetCallerIdentity', { status: 403, body });
    expect(await rowOf('credentials')).toMatchObject({
      state: 'refused',
      text: 'signing in to AWS failed: The security token included in the request is expired',
    });
  });
});

describe('bootstrap', () => {
  it('an account that is not bootstrapped is refused with the command that does it', async () => {
    answers.set('ssm.GetParameter', {
      status: 400,
      errorType: 'ParameterNotFound',
      body: '{"__type":"ParameterNotFound"}',
    });
    expect(await rowOf('bootstrap')).toMatchObject({
      state: 'refused',
      remedy: 'npx cdk bootstrap aws://111122223333/us-east-1',
    });
  });

  it('the required version is the one that the templates require', () => {
    const { stacks } = synthesize().app.synth();
    expect(new Set(stacks.map((stack) => stack.requiresBootstrapStackVersion))).toEqual(
      new Set([REQUIRED_BOOTSTRAP_VERSION]),
    );
  });

  it('an old bootstrap is refused', async () => {
    replace('ssm.GetParameter', '"30"', '"5"');
    expect(await rowOf('bootstrap')).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('version 5'),
    });
  });
});

describe('Lambda concurrency', () => {
  it("a new account's quota of 10 is refused with the request for a larger one", async () => {
    replace('lambda.GetAccountSettings', /1000/, '10');
    const { state, remedy } = await rowOf('Lambda concurrency');
    expect(state).toBe('refused');
    expect(remedy).toContain('--quota-code L-B99A9384 --desired-value 1000');
    expect(remedy).toContain('--region us-east-1');
  });

  it('what the stage itself has reserved already is available to its next deployment', async () => {
    replace(
      'lambda.GetAccountSettings',
      '"UnreservedConcurrentExecutions": 1000',
      '"UnreservedConcurrentExecutions": 100',
    );
    expect(await rowOf('Lambda concurrency')).toMatchObject({ state: 'refused' });
    answers.set('lambda.GetFunctionConcurrency', ({ path: asked }) =>
      asked.includes('rtm-dev-live') ? { body: '{"ReservedConcurrentExecutions":900}' } : NOT_FOUND,
    );
    expect(await rowOf('Lambda concurrency')).toMatchObject({ state: 'ok' });
  });
});

describe('zones', () => {
  const dev = stageNamed('dev');
  const withZones = (zones: string[]): Stage => ({ ...dev, network: { ...dev.network, zones } });

  it('the zone that MSK refuses is refused where CloudFormation would choose it, with ids that work', async () => {
    // This account calls the zone us-east-1a.
    replace('ec2.DescribeAvailabilityZones', 'use1-az4', 'use1-az3');
    const { state, text, remedy } = await rowOf('zones');
    expect(state).toBe('refused');
    expect(text).toBe('MSK takes no brokers in us-east-1a (use1-az3)');
    expect(remedy).toContain('Set stages.dev.network.zones in cdk.json to ["use1-az6", "use1-az2"]');
  });

  it('the zone that MSK refuses is refused where it is named', async () => {
    expect(await rowOf('zones', withZones(['us-east-1a', 'us-east-1c']))).toMatchObject({ state: 'refused' });
    expect(await rowOf('zones', withZones(['us-east-1a', 'us-east-1d']))).toMatchObject({ state: 'ok' });
  });

  it('a zone that the account does not have is refused', async () => {
    const row = await rowOf('zones', withZones(['us-east-1a', 'us-east-1z']));
    expect(row).toMatchObject({ state: 'refused', text: 'the account has no zone us-east-1z' });
    expect(await rowOf('zones', withZones(['use1-az4', 'use1-az9']))).toMatchObject({ state: 'refused' });
  });

  it('too few zones are refused', async () => {
    replace('ec2.DescribeAvailabilityZones', 'use1-az6', 'use1-az3');
    replace('ec2.DescribeAvailabilityZones', /use1-az[236]/, 'use1-az3');
    expect(await rowOf('zones')).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('has 1 that MSK takes'),
    });
  });

  it('an account with a single default subnet is refused, because CloudFormation would offer one zone', async () => {
    answers.set('ec2.DescribeSubnets', {
      body: recorded('ec2.DescribeSubnets').replace(
        /<item>(?:(?!<item>)[\s\S])*us-east-1[bcd][\s\S]*?<\/item>/g,
        '',
      ),
    });
    expect(await rowOf('zones')).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('1 zones'),
    });
  });
});

describe('a broker of its own', () => {
  const hobby = stageNamed('hobby');

  it('a stage with a broker of its own asks EC2 instead of MSK, and takes any zone', async () => {
    replace('ec2.DescribeAvailabilityZones', 'use1-az4', 'use1-az3');
    const { rows, passed } = await preflight(hobby);
    expect(passed).toBe(true);
    expect(rows.find(({ check }) => check === 'broker')).toMatchObject({
      text: 'EC2 offers t4g.nano in us-east-1a',
    });
    expect(aws.asked.map(({ operation }) => operation)).not.toContain('kafka.ListKafkaVersions');
  });

  it('the machine is looked for in the zone that the stage names first, by name or by id', async () => {
    const textFor = async (zones: string[]) =>
      (await rowOf('broker', { ...hobby, network: { ...hobby.network, zones } })).text;
    expect(await textFor(['us-east-1c', 'us-east-1a'])).toBe('EC2 offers t4g.nano in us-east-1c');
    expect(await textFor(['use1-az6', 'use1-az4'])).toBe('EC2 offers no t4g.nano in us-east-1b');
  });

  it("a size that EC2 doesn't offer in the broker's zone is refused with the zones that have it", async () => {
    replace('ec2.DescribeInstanceTypeOfferings', 'us-east-1a', 'us-east-1d');
    const { state, remedy } = await rowOf('broker', hobby);
    expect(state).toBe('refused');
    expect(remedy).toMatch(/stages\.hobby\.broker\.instanceSize .* us-east-1d, us-east-1c/);
  });
});

describe('versions', () => {
  it('a version that MSK no longer offers is refused with the newest one', async () => {
    replace(
      'kafka.ListKafkaVersions',
      '"3.9.x.kraft", "status": "ACTIVE"',
      '"3.9.x.kraft", "status": "DEPRECATED"',
    );
    const { state, text, remedy } = await rowOf('Kafka version');
    expect({ state, text }).toEqual({ state: 'refused', text: 'MSK offers 3.9.x.kraft as deprecated here' });
    expect(remedy).toContain('Set stages.dev.kafka.version in cdk.json to 4.1.x.kraft');
  });

  it('a version that RDS no longer offers is refused with the newest of its series', async () => {
    replace('rds.DescribeDBEngineVersions', /8\.4\.10/, '8.4.11');
    const { state, remedy } = await rowOf('MySQL version');
    expect(state).toBe('refused');
    expect(remedy).toContain('Set stages.dev.mysql.version in cdk.json to 8.4.11');
  });

  it('an instance class that RDS does not offer is refused with those it offers', async () => {
    replace('rds.DescribeOrderableDBInstanceOptions', /db\.t4g\.micro/, 'db.t4g.medium');
    const { state, remedy } = await rowOf('MySQL version');
    expect(state).toBe('refused');
    expect(remedy).toContain('one of db.m7g.large, db.t4g.medium');
  });

  it("an instance class that RDS offers in other zones than the stage's is refused with its zones", async () => {
    replace('rds.DescribeOrderableDBInstanceOptions', /us-east-1[ab]/, 'us-east-1d');
    expect(await rowOf('MySQL version')).toMatchObject({
      state: 'refused',
      remedy: expect.stringContaining('choose zones among'),
    });
  });
});

describe('stacks', () => {
  const states = (status: string) => replace('cloudformation.DescribeStacks', 'CREATE_COMPLETE', status);

  it.each([
    ['UPDATE_ROLLBACK_FAILED', 'npx cdk rollback rtm-dev-network -c stage=dev'],
    ['CREATE_FAILED', 'npx cdk rollback rtm-dev-network -c stage=dev'],
    ['DELETE_FAILED', 'aws cloudformation --region us-east-1 delete-stack --stack-name rtm-dev-network'],
    ['UPDATE_IN_PROGRESS', 'Wait until rtm-dev-network is done'],
  ])('a stack in state %s is refused with its remedy', async (status, remedy) => {
    states(status);
    const row = await rowOf('stacks');
    expect(row).toMatchObject({ state: 'refused', text: `rtm-dev-network is in state ${status}` });
    expect(row.remedy).toContain(remedy);
  });

  it('a stack that was never created completely is replaced by the CDK, unless it is protected', async () => {
    states('ROLLBACK_COMPLETE');
    expect(await rowOf('stacks')).toMatchObject({ state: 'note' });
    const body = recorded('cloudformation.DescribeStacks').replace('CREATE_COMPLETE', 'ROLLBACK_COMPLETE');
    answers.set('cloudformation.DescribeStacks', {
      body: body.replaceAll('TerminationProtection>false', 'TerminationProtection>true'),
    });
    expect(await rowOf('stacks')).toMatchObject({
      state: 'refused',
      remedy: expect.stringMatching(/--no-enable-termination-protection .* && .*delete-stack/),
    });
  });
});

describe('permissions', () => {
  it('a question that the user may not ask is noted, and stops no deployment', async () => {
    const identity = answers.get('sts.GetCallerIdentity');
    answers.clear();
    if (identity) answers.set('sts.GetCallerIdentity', identity);
    const { rows, passed } = await preflight(stageNamed('dev'));
    expect(passed).toBe(true);
    const unanswered = rows.slice(2);
    expect(unanswered).toHaveLength(7);
    for (const { state, text } of unanswered) {
      expect(state).toBe('note');
      expect(text).toMatch(/^not checked: .*not authorized to perform/);
    }
  });
});
