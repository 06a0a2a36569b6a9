import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployedSystem } from '../../../../infra/system.ts';
import { statementsOf } from '../policies.ts';
import { type Resource, resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

const names = Object.keys(deployedSystem.functions);
const STACKS = ['data', 'pipeline', 'live', 'api'] as const;

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

/** The function and its role in the one stack that contains them. */
function deployed(name: string): { lambda: Resource; statements: ReturnType<typeof statementsOf> } {
  const found = STACKS.flatMap((stack) => {
    const template = synthesis.template(stack);
    const lambdas = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties.FunctionName === `rtm-dev-${name}`,
    );
    return lambdas.map((lambda) => ({ lambda, statements: statementsOf(template, lambda.Properties.Role) }));
  });
  const [only, ...others] = found;
  if (!only || others.length > 0) throw new Error(`${name} stands in ${found.length} stacks.`);
  return only;
}

function definition(name: string) {
  const found = deployedSystem.functions[name];
  if (!found) throw new Error(`${name} is not described.`);
  return found;
}

describe.each(names)('the function %s', (name) => {
  it('the function runs on Node 24 on arm64, is traced, and has the described size', () => {
    const { memoryMb, timeoutSeconds, description } = definition(name);
    expect(deployed(name).lambda.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      MemorySize: memoryMb,
      Timeout: timeoutSeconds,
      Description: description,
    });
  });

  it('the function runs in the network that the description names', () => {
    const { VpcConfig } = deployed(name).lambda.Properties;
    expect(VpcConfig !== undefined).toBe(definition(name).network === 'vpc');
  });

  it('the function has its reserved concurrency', () => {
    const { invocation, reservedConcurrency } = definition(name);
    const expected = invocation === 'stream' ? stageNamed('dev').stream.maxViewers : reservedConcurrency;
    expect(deployed(name).lambda.Properties.ReservedConcurrentExecutions).toBe(expected);
  });

  it('the function has the settings of its capabilities and no secrets', () => {
    const { uses, environment } = definition(name);
    const { Variables } = deployed(name).lambda.Properties.Environment as {
      Variables: Record<string, unknown>;
    };
    expect(Variables).toMatchObject({ POWERTOOLS_SERVICE_NAME: name, ...environment });
    const uses_ = (capability: string) =>
      uses.some((each) => each === capability || each.startsWith(`${capability}:`));
    expect('TABLE_NAME' in Variables).toBe(uses_('table'));
    expect('MYSQL_HOST' in Variables).toBe(uses_('mysql'));
    expect('MYSQL_PASSWORD_FUNCTION' in Variables).toBe(uses_('mysql:own'));
    expect('SECRET_ARN' in Variables).toBe(uses_('secret'));
    expect(Variables.MYSQL_AUTH === 'iam').toBe(uses_('mysql') && !uses_('mysql:own'));
    expect('KAFKA_BROKERS' in Variables).toBe(uses_('topic'));
    expect('API_TOKEN_SECRET_ARN' in Variables).toBe(uses_('api-token'));
    expect('API_TOKEN_FUNCTION' in Variables).toBe(uses_('invoke:token'));
    expect('FEED_FUNCTION_NAME' in Variables).toBe(uses_('invoke:feed'));
    expect('SCHEMA_DIRECTORY' in Variables).toBe(uses_('schema'));
    expect(Object.keys(Variables)).not.toContain('MYSQL_PASSWORD');
    expect(Object.keys(Variables)).not.toContain('API_TOKEN');
  });

  it("the function's role has no wildcards except for actions without resource-level permissions", () => {
    for (const { actions, resources } of deployed(name).statements.filter(
      ({ effect }) => effect === 'Allow',
    )) {
      for (const action of actions) expect(action).not.toContain('*');
      if (resources.includes('*')) {
        for (const action of actions) expect(WITHOUT_RESOURCE).toContain(action);
      }
    }
  });

  it("the function's role allows the services it uses and no others", () => {
    const services = new Set(
      deployed(name)
        .statements.filter(({ effect }) => effect === 'Allow')
        .flatMap(({ actions }) => actions)
        .map((action) => action.split(':')[0]),
    );
    expect([...services].sort()).toEqual(expectedServices(name));
  });

  it("the function's logs have the stage's retention", () => {
    const template = STACKS.map((stack) => synthesis.template(stack)).find((each) =>
      Object.values(resourcesOf(each, 'AWS::Logs::LogGroup')).some(
        ({ Properties }) => Properties.LogGroupName === `/aws/lambda/rtm-dev-${name}`,
      ),
    );
    template?.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/lambda/rtm-dev-${name}`,
      RetentionInDays: stageNamed('dev').logRetentionDays,
    });
    expect(template).toBeDefined();
  });
});

/** Actions without resource-level permissions in IAM. */
const WITHOUT_RESOURCE = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
  'ec2:UnassignPrivateIpAddresses',
  'dynamodb:ListStreams',
];

function expectedServices(name: string): string[] {
  const { uses, network } = definition(name);
  const { stream, topic } = deployedSystem.eventSources;
  const services = new Set(['logs', 'xray']);
  if (network === 'vpc') services.add('ec2');
  for (const capability of uses) {
    if (capability.startsWith('table:')) services.add('dynamodb');
    if (capability.startsWith('topic:')) services.add('kafka-cluster');
    if (capability.startsWith('invoke:')) services.add('lambda');
    if (capability.startsWith('mysql:') && capability !== 'mysql:own') services.add('rds-db');
    if (capability.startsWith('secret:') || capability === 'api-token') services.add('secretsmanager');
    if (capability === 'dataset') services.add('s3');
  }
  if (stream?.function === name) services.add('dynamodb');
  if (topic?.function === name) services.add('kafka').add('kafka-cluster');
  return [...services].sort();
}

/** The actions of a service that a function is allowed, with their resources. */
function allowed(name: string, service: string): Record<string, string> {
  const statements = deployed(name).statements.filter(({ effect }) => effect === 'Allow');
  const grants = statements.flatMap(({ actions, resources }) =>
    actions
      .filter((action) => action.startsWith(`${service}:`))
      .map((action) => [action.slice(service.length + 1), kindOf(resources.join(' '))] as const),
  );
  return Object.fromEntries(grants);
}

function kindOf(resource: string): string {
  if (/:group\//.test(resource)) return 'group';
  if (/Topic/.test(resource)) return 'topic';
  if (/Cluster/.test(resource)) return 'cluster';
  return resource;
}

describe('permissions for Kafka', () => {
  it('the producer may write to Kafka idempotently and do nothing else', () => {
    expect(allowed('producer', 'kafka-cluster')).toEqual({
      Connect: 'cluster',
      WriteDataIdempotently: 'cluster',
      DescribeTopic: 'topic',
      WriteData: 'topic',
    });
  });

  it("the consumer's poller may read from Kafka as its group and do nothing else", () => {
    expect(allowed('consumer', 'kafka-cluster')).toEqual({
      Connect: 'cluster',
      DescribeClusterDynamicConfiguration: 'cluster',
      DescribeTopic: 'topic',
      ReadData: 'topic',
      AlterGroup: 'group',
      DescribeGroup: 'group',
    });
    expect(allowed('consumer', 'kafka')).toEqual({
      DescribeClusterV2: 'cluster',
      GetBootstrapBrokers: 'cluster',
    });
  });

  it("the system function may read the group's offsets but no messages", () => {
    expect(allowed('system', 'kafka-cluster')).toEqual({
      Connect: 'cluster',
      DescribeCluster: 'cluster',
      DescribeTopic: 'topic',
      DescribeGroup: 'group',
    });
  });
});

describe('permissions for the simulation table', () => {
  it('a function that writes the simulation table may send every command of the store', () => {
    const directory = 'shared/simulation';
    const sources = readdirSync(directory).map((file) => readFileSync(`${directory}/${file}`, 'utf8'));
    const commands = new Set(
      sources.flatMap((source) =>
        [...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => String(name)),
      ),
    );
    const paginated = sources.some((source) => source.includes('paginateQuery(')) ? ['Query'] : [];
    const actions = {
      Get: 'GetItem',
      BatchGet: 'BatchGetItem',
      Put: 'PutItem',
      Update: 'UpdateItem',
      Delete: 'DeleteItem',
      // A transaction needs the permissions of its parts, and they are updates.
      TransactWrite: 'UpdateItem',
    };
    const needed = [...commands].map((command) => actions[command as keyof typeof actions] ?? command);
    const granted = Object.keys(allowed('reconciliation', 'dynamodb'));
    for (const action of [...needed, ...paginated]) expect(granted).toContain(action);
  });

  it('functions that only read the simulation table may not write it', () => {
    const readers = names.filter((name) => {
      const { uses } = definition(name);
      return uses.includes('table:read') && !uses.includes('table:write');
    });
    expect(readers).toContain('live');
    for (const name of readers) {
      expect(Object.keys(allowed(name, 'dynamodb')).sort()).toEqual(['BatchGetItem', 'GetItem', 'Query']);
    }
  });
});

describe('network interfaces', () => {
  it("Lambda may manage network interfaces, but a function's own code may not", () => {
    const denied = deployed('consumer').statements.filter(({ effect }) => effect === 'Deny');
    expect(denied).toHaveLength(1);
    expect(denied[0]?.actions).toContain('ec2:CreateNetworkInterface');
    expect(JSON.stringify(denied[0]?.conditions)).toContain('lambda:SourceFunctionArn');
  });
});
