import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { assetResponse, documentResponse } from '../../../../functions/live/page.ts';
import { docsReader } from '../../../../functions/system/api.ts';
import { httpRoutes } from '../../../../infra/system.ts';
import { standardHeaders } from '../../../../shared/http/response-headers.ts';
import { resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';
import { environmentsOf } from '../template-environment.ts';

/** Ids of CloudFront's managed policies, the same in every account. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly [property: string]: unknown;
}

interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly Record<string, unknown>[];
  readonly [property: string]: unknown;
}

/** The headers, except for HSTS, that the policy of a behaviour adds. */
function headersAtEdge(pattern: string): Record<string, string> {
  const behavior = distribution().CacheBehaviors.find(({ PathPattern }) => PathPattern === pattern);
  const { Ref: id } = behavior?.ResponseHeadersPolicyId
    ? (behavior.ResponseHeadersPolicyId as { Ref: string })
    : { Ref: '' };
  const policy = resourcesOf(synthesis.template('edge'), 'AWS::CloudFront::ResponseHeadersPolicy')[id];
  if (!policy) throw new Error(`No behaviour of ${pattern} adds headers.`);
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = policy.Properties
    .ResponseHeadersPolicyConfig as {
    SecurityHeadersConfig: {
      ContentSecurityPolicy: { ContentSecurityPolicy: string; Override: boolean };
      ReferrerPolicy: { ReferrerPolicy: string; Override: boolean };
      FrameOptions: { FrameOption: string };
      ContentTypeOptions: { Override: boolean };
    };
    CustomHeadersConfig?: { Items: { Header: string; Value: string }[] };
  };
  return {
    'content-security-policy': security.ContentSecurityPolicy.ContentSecurityPolicy,
    'referrer-policy': security.ReferrerPolicy.ReferrerPolicy,
    'x-frame-options': security.FrameOptions.FrameOption,
    ...(security.ContentTypeOptions.Override ? { 'x-content-type-options': 'nosniff' } : {}),
    ...Object.fromEntries((custom?.Items ?? []).map(({ Header, Value }) => [Header, Value])),
  };
}

function distribution(from = synthesis): DistributionConfig {
  const [found] = Object.values(resourcesOf(from.template('edge'), 'AWS::CloudFront::Distribution'));
  return found?.Properties.DistributionConfig as DistributionConfig;
}

describe('the edge', () => {
  it('CloudFront sends the files to S3, other paths below /stream/ to the function URL and everything else to the API', () => {
    const { DefaultCacheBehavior, CacheBehaviors, Origins } = distribution();
    const originOf = (id: string) => JSON.stringify(Origins.find((origin) => origin.Id === id));
    expect(originOf(DefaultCacheBehavior.TargetOriginId)).toContain('.execute-api.');
    const behaviors = CacheBehaviors.map(({ PathPattern, TargetOriginId }) => [
      PathPattern,
      /S3OriginConfig/.test(originOf(TargetOriginId))
        ? 'files'
        : originOf(TargetOriginId).match(/FunctionUrl/)?.[0],
    ]);
    // The first pattern that matches wins.
    expect(behaviors).toEqual([
      ['/stream/live', 'files'],
      ['/stream/assets/*', 'files'],
      ['/docs', 'files'],
      ['/docs/*.*', 'files'],
      ['/openapi.json', 'files'],
      ['/stream/*', 'FunctionUrl'],
    ]);
  });

  it('the files are in a private bucket that only this distribution reads', () => {
    const template = synthesis.template('edge');
    const signing = Object.values(resourcesOf(template, 'AWS::CloudFront::OriginAccessControl')).map(
      ({ Properties }) => Properties.OriginAccessControlConfig,
    );
    expect(signing).toContainEqual(
      expect.objectContaining({ OriginAccessControlOriginType: 's3', SigningBehavior: 'always' }),
    );
    const policies = JSON.stringify(resourcesOf(template, 'AWS::S3::BucketPolicy'));
    const allowed =
      policies.match(/"Action":("s3:[^"]+"|\[[^\]]+\]),"Condition":\{"StringEquals":\{"AWS:SourceArn"/g) ??
      [];
    expect(allowed.join()).toContain('s3:GetObject');
    expect(allowed.join()).not.toContain('s3:Put');
  });

  it('CloudFront sends each file with the headers that the function sends locally', async () => {
    const file = { body: '', contentType: '', etag: '' };
    const folder = await mkdtemp(path.join(tmpdir(), 'docs-'));
    await Promise.all(['index.html', 'openapi.json'].map((name) => writeFile(path.join(folder, name), name)));
    const docs = docsReader(folder);
    const sent: [string, Record<string, string>][] = [
      ['/stream/live', documentResponse(file, undefined).headers],
      ['/stream/assets/*', assetResponse(file, undefined).headers],
      ['/docs', (await docs('index.html')).headers],
      ['/docs/*.*', (await docs('openapi.json')).headers],
      ['/openapi.json', (await docs('openapi.json')).headers],
    ];
    await rm(folder, { recursive: true });
    for (const [pattern, own] of sent) {
      // Lifetime and entity tag are the object's; HSTS and x-frame-options CloudFront adds to everything.
      const {
        'cache-control': _lifetime,
        etag: _tag,
        ...expected
      } = { ...standardHeaders, ...own } as Record<string, string>;
      expect(headersAtEdge(pattern), pattern).toEqual({ ...expected, 'x-frame-options': 'DENY' });
    }
  });

  it('CloudFront caches no response of the stream, and forwards everything the viewer sent to API and stream', () => {
    const { DefaultCacheBehavior, CacheBehaviors } = distribution();
    const stream = CacheBehaviors.find(({ PathPattern }) => PathPattern === '/stream/*');
    for (const behavior of [DefaultCacheBehavior, stream]) {
      expect(behavior).toMatchObject({
        OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
        ViewerProtocolPolicy: 'redirect-to-https',
      });
    }
    expect(stream?.CachePolicyId).toBe(CACHING_DISABLED);
    expect(DefaultCacheBehavior.AllowedMethods).toContain('POST');
  });

  it('CloudFront compresses responses of the API without caching them', () => {
    const { DefaultCacheBehavior } = distribution();
    expect(DefaultCacheBehavior.Compress).toBe(true);
    const id = (DefaultCacheBehavior.CachePolicyId as { Ref: string }).Ref;
    const policy = resourcesOf(synthesis.template('edge'), 'AWS::CloudFront::CachePolicy')[id];
    expect(policy?.Properties.CachePolicyConfig).toMatchObject({
      // A response without Cache-Control isn't stored, and the API's own forbid it.
      MinTTL: 0,
      DefaultTTL: 0,
      // CloudFront refuses a policy that accepts encodings with a maximum of 0.
      MaxTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: true,
        EnableAcceptEncodingBrotli: true,
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Authorization'] },
        QueryStringsConfig: { QueryStringBehavior: 'all' },
      },
    });
  });

  it('CloudFront does not compress the stream, because that would delay events', () => {
    const stream = distribution().CacheBehaviors.find(({ PathPattern }) => PathPattern === '/stream/*');
    expect(stream?.Compress).toBe(false);
  });

  it("CloudFront caches the page's files, whose names change with their content", () => {
    const assets = distribution().CacheBehaviors.find(
      ({ PathPattern }) => PathPattern === '/stream/assets/*',
    );
    expect(assets?.CachePolicyId).toBe(CACHING_OPTIMIZED);
  });

  it('CloudFront sends the HTTP API a secret that the functions require, and no template contains its text', () => {
    const origin = distribution().Origins.find((each) => JSON.stringify(each).includes('.execute-api.'));
    const header = origin?.OriginCustomHeaders as { HeaderName: string; HeaderValue: unknown }[];
    expect(header).toEqual([{ HeaderName: 'x-origin-secret', HeaderValue: expect.anything() }]);
    expect(JSON.stringify(header)).toMatch(/{{resolve:secretsmanager:.*ImportValue.*:SecretString:::}}/);
    for (const stack of ['api', 'edge'] as const) {
      expect(JSON.stringify(synthesis.template(stack).toJSON())).not.toMatch(/"SecretString":"/);
    }
    const withoutSecret = [...environmentsOf(synthesis)].filter(([, { ORIGIN_SECRETS }]) => !ORIGIN_SECRETS);
    const requestDriven = new Set<string>(httpRoutes.map((route) => route.function));
    expect(withoutSecret.filter(([name]) => requestDriven.has(name))).toEqual([]);
  });

  it('the functions accept the secret that a new generation replaces until CloudFront sends the new one', () => {
    const rotated = synthesize({ stage: { ...stageNamed('dev'), originSecretGeneration: 2 } });
    const secrets = Object.keys(resourcesOf(rotated.template('api'), 'AWS::SecretsManager::Secret'));
    expect(secrets).toHaveLength(2);
    const accepted = JSON.stringify(environmentsOf(rotated).get('sales')?.ORIGIN_SECRETS);
    for (const secret of secrets) expect(accepted).toContain(secret);
    const [origin] = distribution(rotated).Origins.map((each) => JSON.stringify(each));
    expect(origin).toContain('OriginSecret2');
    expect(origin).not.toContain('OriginSecret1');
    // CloudFront's stack imports the first generation until its own deployment.
    const exported = JSON.stringify(rotated.template('api').toJSON().Outputs);
    for (const secret of secrets) expect(exported).toContain(secret);
  });

  it('in us-east-1 a web ACL blocks an address that opens more streams than the stage allows, and nothing else', () => {
    const stage = { ...stageNamed('dev'), streamsPerAddress: 30 };
    const limited = synthesize({ stage, region: 'us-east-1' });
    const acls = resourcesOf(limited.template('edge'), 'AWS::WAFv2::WebACL');
    const [[id, acl] = []] = Object.entries(acls);
    expect(acl?.Properties).toMatchObject({
      Scope: 'CLOUDFRONT',
      DefaultAction: { Allow: {} },
      Rules: [
        {
          Action: { Block: {} },
          Statement: {
            RateBasedStatement: {
              AggregateKeyType: 'IP',
              EvaluationWindowSec: 300,
              Limit: 30,
              ScopeDownStatement: {
                ByteMatchStatement: { SearchString: '/stream/events', PositionalConstraint: 'STARTS_WITH' },
              },
            },
          },
        },
      ],
    });
    expect(distribution(limited).WebACLId).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    const elsewhere = synthesize({ stage, region: 'eu-central-1' });
    expect(distribution(elsewhere).WebACLId).toBeUndefined();
    const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/name/1';
    const own = synthesize({ stage: { ...stage, webAclArn }, region: 'us-east-1' });
    expect(distribution(own).WebACLId).toBe(webAclArn);
  });

  it('CloudFront signs its requests to the function URL and has both permissions for that', () => {
    const template = synthesis.template('edge');
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: 'lambda',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    });
    const permissions = Object.values(resourcesOf(template, 'AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );
    expect(permissions.map(({ Action }) => Action).sort()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ]);
    for (const permission of permissions) {
      expect(permission.Principal).toBe('cloudfront.amazonaws.com');
      expect(JSON.stringify(permission.SourceArn)).toContain('distribution/');
    }
    const invoke = permissions.find(({ Action }) => Action === 'lambda:InvokeFunction');
    expect(invoke?.InvokedViaFunctionUrl).toBe(true);
  });

  it('CloudFront waits longer for the stream than the interval between heartbeats', () => {
    const stream = distribution().Origins.find((each) => JSON.stringify(each).includes('FunctionUrl'));
    expect(stream?.CustomOriginConfig).toMatchObject({
      OriginReadTimeout: 60,
      OriginProtocolPolicy: 'https-only',
    });
  });

  it('CloudFront adds security headers without overriding those of a response', () => {
    synthesis.template('edge').hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
          ContentTypeOptions: { Override: false },
          FrameOptions: { FrameOption: 'DENY', Override: false },
          ContentSecurityPolicy: Match.objectLike({ Override: false }),
        },
      },
    });
    const { DefaultCacheBehavior, CacheBehaviors } = distribution();
    for (const behavior of [DefaultCacheBehavior, ...CacheBehaviors]) {
      expect(behavior).toHaveProperty('ResponseHeadersPolicyId');
    }
  });

  it("CloudFront uses the stage's own name, certificate and DNS record if there are any", () => {
    const domain = {
      name: 'retail.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b',
      hostedZone: { id: 'Z1', name: 'example.com' },
    };
    const named = synthesize({ stage: { ...stageNamed('dev'), domain } });
    expect(distribution(named)).toMatchObject({
      Aliases: [domain.name],
      ViewerCertificate: {
        AcmCertificateArn: domain.certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
      },
    });
    named.template('edge').resourceCountIs('AWS::Route53::RecordSet', 2);
    synthesis.template('edge').resourceCountIs('AWS::Route53::RecordSet', 0);
  });
});
