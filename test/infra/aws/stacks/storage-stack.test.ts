import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployedSystem } from '../../../../infra/system.ts';
import { resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

let dev: Synthesis;
let prod: Synthesis;

beforeAll(() => {
  dev = synthesize();
  prod = synthesize({ stage: stageNamed('prod') });
});

describe('MySQL', () => {
  it('MySQL is encrypted, not public, and has a password that RDS creates and rotates', () => {
    for (const { template } of [dev, prod]) {
      template('storage').hasResourceProperties('AWS::RDS::DBInstance', {
        Engine: 'mysql',
        EngineVersion: Match.stringLikeRegexp('^8\\.4\\.'),
        StorageEncrypted: true,
        PubliclyAccessible: false,
        ManageMasterUserPassword: true,
        MasterUserPassword: Match.absent(),
        CACertificateIdentifier: 'rds-ca-rsa2048-g1',
        CopyTagsToSnapshot: true,
      });
    }
  });

  it('MySQL refuses connections without TLS and accepts the bulk load of the ETL', () => {
    dev.template('storage').hasResourceProperties('AWS::RDS::DBParameterGroup', {
      Family: 'mysql8.4',
      Parameters: Match.objectLike({
        require_secure_transport: '1',
        local_infile: '1',
        collation_server: 'utf8mb4_bin',
      }),
    });
  });

  it('MySQL may be of the newer LTS series, with the parameters of that series', () => {
    const stage = stageNamed('dev');
    const template = synthesize({
      stage: { ...stage, mysql: { ...stage.mysql, version: '9.7.4' } },
    }).template('storage');
    template.hasResourceProperties('AWS::RDS::DBInstance', {
      EngineVersion: '9.7.4',
      AllowMajorVersionUpgrade: true,
    });
    template.hasResourceProperties('AWS::RDS::DBParameterGroup', { Family: 'mysql9.7' });
  });

  it('MySQL is in the subnets without a route out', () => {
    const [group] = Object.values(resourcesOf(dev.template('storage'), 'AWS::RDS::DBSubnetGroup'));
    const subnets = JSON.stringify(group?.Properties.SubnetIds);
    expect(subnets).toContain('databaseSubnet1');
    expect(subnets).not.toMatch(/application|public/);
  });

  it('MySQL is protected, replicated and backed up in prod', () => {
    const { backupDays } = stageNamed('prod').mysql;
    prod.template('storage').hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
      Properties: { DeletionProtection: true, MultiAZ: true, BackupRetentionPeriod: backupDays },
    });
  });

  it('MySQL in dev leaves nothing behind but has backups', () => {
    dev.template('storage').hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: false, BackupRetentionPeriod: Match.anyValue() },
    });
  });
});

describe('the simulation table', () => {
  it('the simulation table has the described keys, stream and expiry, is billed on demand and recoverable', () => {
    const { partitionKey, sortKey, timeToLive, stream } = deployedSystem.table;
    dev.template('storage').hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamViewType: stream },
      TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('the simulation table outlives its stack in prod only', () => {
    prod.template('storage').hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    });
    dev.template('storage').hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});

describe('the API token', () => {
  it('the API token is generated, long, and valid in a header', () => {
    dev.template('storage').hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 40 },
      SecretString: Match.absent(),
    });
  });
});

describe('buckets', () => {
  it('buckets are encrypted, not public, and reachable over TLS only', () => {
    for (const name of ['data', 'edge'] as const) {
      const template = dev.template(name);
      const buckets = resourcesOf(template, 'AWS::S3::Bucket');
      expect(Object.keys(buckets)).not.toEqual([]);
      for (const { Properties } of Object.values(buckets)) {
        expect(Properties).toMatchObject({
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
            ],
          },
        });
      }
      const policies = Object.values(resourcesOf(template, 'AWS::S3::BucketPolicy'));
      expect(policies).toHaveLength(Object.keys(buckets).length);
      for (const policy of policies)
        expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe('connections to MySQL', () => {
  /** The most that a function opens in one environment. */
  const EACH = 2;
  /** One invocation per shard at a time, and the stream rarely has more shards than this. */
  const SHARDS = 4;

  it.each(['dev', 'prod'])(
    'all functions together open fewer connections than raise the alarm of stage %s',
    (name) => {
      const { stream } = deployedSystem.eventSources;
      const environments = Object.entries(deployedSystem.functions)
        .filter(([, { uses }]) => uses.some((each) => each.startsWith('mysql:')))
        .map(([functionName, { reservedConcurrency }]) => {
          const bound = reservedConcurrency ?? (functionName === stream?.function ? SHARDS : undefined);
          if (bound === undefined)
            throw new Error(`${functionName} uses MySQL without a bound: reserve concurrency.`);
          return bound;
        });
      const connections = EACH * environments.reduce((sum, each) => sum + each, 0);
      expect(connections).toBeLessThanOrEqual(stageNamed(name).mysql.maxConnections * 0.8);
    },
  );
});
