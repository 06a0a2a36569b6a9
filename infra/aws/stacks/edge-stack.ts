import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  FunctionUrlOriginAccessControl,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  type IOrigin,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin, HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ORIGIN_SECRET_HEADER } from '../../../shared/http/authorization.ts';
import { hsts, Site } from '../constructs/site.ts';
import { streamRateLimit } from '../constructs/stream-limits.ts';
import { acknowledge, globalName, SystemStack, stageName } from '../system-stack.ts';
import type { ApiStack } from './api-stack.ts';
import type { LiveStack } from './function-stack.ts';
import type { SharedResources } from './shared-resources.ts';

/** Streams send a heartbeat every 5 s, so one that is silent for a minute is dead. */
const STREAM_READ_TIMEOUT = Duration.seconds(60);

/** CloudFront: one address for page, API and stream, so browsers see one origin. */
export class EdgeStack extends SystemStack {
  readonly distribution: Distribution;
  private readonly site: Site;
  private readonly webAclId: string | undefined;
  private readonly responseHeaders: ResponseHeadersPolicy;
  private readonly logs: IBucket;

  constructor(
    scope: Construct,
    resources: SharedResources,
    { api, live, isCloudFrontRegion }: { api: ApiStack; live: LiveStack; isCloudFrontRegion: boolean },
  ) {
    super(scope, 'edge', resources.stage, 'Retail Time Machine: CloudFront');
    this.responseHeaders = this.createResponseHeaders();
    this.logs = this.logBucket();
    const apiOrigin = new HttpOrigin(`${api.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
      customHeaders: { [ORIGIN_SECRET_HEADER]: api.originSecret.secretValue.unsafeUnwrap() },
    });
    const streamOrigin = FunctionUrlOrigin.withOriginAccessControl(live.url, {
      readTimeout: STREAM_READ_TIMEOUT,
      originAccessControl: new FunctionUrlOriginAccessControl(this, 'StreamAccess', {
        originAccessControlName: globalName(this.stage, 'stream'),
      }),
    });
    this.webAclId = this.chooseWebAcl(isCloudFrontRegion, resources.system.functionUrl.pathPrefixes);
    const cachePolicy = this.compressedPolicy();
    this.site = new Site(this, { accessLogs: this.logs, uncached: cachePolicy });
    this.distribution = this.createDistribution(
      { ...this.uncached(apiOrigin, AllowedMethods.ALLOW_ALL), cachePolicy, compress: true },
      {
        ...this.site.behaviors,
        ...this.streamBehaviors(streamOrigin, resources.system.functionUrl.pathPrefixes),
      },
    );
    this.addRecords();
    this.explain();
    new CfnOutput(this, 'Url', {
      value: this.url,
      description: 'Address of the page, the API and the stream',
    });
    new CfnOutput(this, 'SiteBucketName', {
      value: this.site.bucket.bucketName,
      description: "Bucket for the page's and the documentation's files",
    });
  }

  private explain(): void {
    acknowledge(this.logs, { 'AwsSolutions-S1': 'The bucket contains access logs itself.' });
    acknowledge(this.distribution, {
      'AwsSolutions-CFR1': 'The demonstration is public everywhere.',
      ...(this.webAclId === undefined
        ? {
            'AwsSolutions-CFR2':
              'The API is throttled, functions have reserved concurrency and writing needs a token. A web ACL is a setting of the stage.',
          }
        : {}),
      ...(this.stage.domain === undefined
        ? {
            'AwsSolutions-CFR4':
              "CloudFront's own domain name comes with its own policy. A stage with a domain requires TLS 1.2.",
          }
        : {}),
    });
  }

  private chooseWebAcl(isCloudFrontRegion: boolean, pathPrefixes: readonly string[]): string | undefined {
    const { webAclArn, streamsPerAddress } = this.stage;
    if (webAclArn !== undefined) return webAclArn;
    if (streamsPerAddress === undefined || !isCloudFrontRegion) return undefined;
    return streamRateLimit(this, streamsPerAddress, pathPrefixes).attrArn;
  }

  /** The public address, `https://…`. */
  get url(): string {
    return `https://${this.stage.domain?.name ?? this.distribution.distributionDomainName}`;
  }

  /**
   * Forwards every request to the origin with everything the viewer sent, including `Authorization` and `Last-Event-ID`. Only
   * `Host` is replaced, because origins accept no other name.
   */
  private uncached(origin: IOrigin, allowedMethods: AllowedMethods): BehaviorOptions {
    return {
      origin,
      allowedMethods,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: this.responseHeaders,
      compress: false,
    };
  }

  /**
   * Lets CloudFront compress responses that it doesn't cache. The managed policy CachingDisabled can't: CloudFront compresses only under
   * a policy that accepts gzip or Brotli, and that needs a maximum lifetime above zero. Responses of the API forbid caching
   * (`no-store`, or `no-cache` with an ETag), and one that says nothing has a lifetime of zero.
   */
  private compressedPolicy(): CachePolicy {
    return new CachePolicy(this, 'Compressed', {
      cachePolicyName: globalName(this.stage, 'compressed'),
      comment: 'Compresses without caching',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(1),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
      // Should a response ever permit caching, it answers only the same request of the same caller.
      queryStringBehavior: CacheQueryStringBehavior.all(),
      headerBehavior: CacheHeaderBehavior.allowList('Authorization'),
    });
  }

  /**
   * Streams are read-only: CloudFront signs requests to the function URL and can't sign a body. They are not compressed, because
   * compression buffers: an event would wait for others.
   */
  private streamBehaviors(origin: IOrigin, prefixes: readonly string[]): Record<string, BehaviorOptions> {
    const events = this.uncached(origin, AllowedMethods.ALLOW_GET_HEAD);
    return Object.fromEntries(prefixes.map((prefix) => [`${prefix}*`, events]));
  }

  private createResponseHeaders(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'SecurityHeaders', {
      responseHeadersPolicyName: globalName(this.stage, 'security-headers'),
      comment: 'Defaults; headers of the response win, except for HSTS',
      securityHeadersBehavior: {
        ...hsts(),
        contentTypeOptions: { override: false },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: false },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: false },
        contentSecurityPolicy: {
          contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
          override: false,
        },
      },
    });
  }

  private createDistribution(
    defaultBehavior: BehaviorOptions,
    additionalBehaviors: Record<string, BehaviorOptions>,
  ): Distribution {
    return new Distribution(this, 'Distribution', {
      comment: stageName(this.stage, 'edge'),
      defaultBehavior,
      additionalBehaviors,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      logBucket: this.logs,
      logFilePrefix: 'cloudfront/',
      ...(this.webAclId === undefined ? {} : { webAclId: this.webAclId }),
      ...this.ownName(),
    });
  }

  private ownName() {
    const { domain } = this.stage;
    if (!domain) return {};
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn);
    return {
      domainNames: [domain.name],
      certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  /** CloudFront writes logs from another account, which requires ACLs. */
  private logBucket(): IBucket {
    // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
    return new Bucket(this, 'AccessLogs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      enforceSSL: true,
      removalPolicy: this.dataRemoval,
      autoDeleteObjects: !this.stage.protectData,
      lifecycleRules: [{ expiration: Duration.days(this.stage.logRetentionDays) }],
    }) as IBucket;
  }

  private addRecords(): void {
    const { domain } = this.stage;
    if (!domain?.hostedZone) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZone.id,
      zoneName: domain.hostedZone.name,
    });
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
    new ARecord(this, 'Ipv4', { zone, recordName: `${domain.name}.`, target });
    new AaaaRecord(this, 'Ipv6', { zone, recordName: `${domain.name}.`, target });
  }
}
