import { Duration } from 'aws-cdk-lib';
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  type ICachePolicy,
  type IOrigin,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { readLiveAsset, readLivePage } from '../../../shared/api/live.ts';
import { readDocs, readDocsFile, readOpenApi } from '../../../shared/api/system.ts';
import {
  assetHeaders,
  docsPageHeaders,
  pageHeaders,
  standardHeaders,
} from '../../../shared/http/response-headers.ts';
import { globalName, type SystemStack } from '../system-stack.ts';

export interface SiteProps {
  readonly accessLogs: IBucket;
  /** Compresses without caching. */
  readonly uncached: ICachePolicy;
}

/**
 * The files of the page and of the documentation: a private bucket, and CloudFront's behaviours that serve it. Object keys are the paths
 * without their leading slash. `npm run deploy` uploads the files and removes none, so that pages that are open during a deployment still
 * find the chunks that they load later.
 */
export class Site extends Construct {
  readonly bucket: Bucket;
  readonly behaviors: Readonly<Record<string, BehaviorOptions>>;

  constructor(scope: SystemStack, { accessLogs, uncached }: SiteProps) {
    super(scope, 'Site');
    this.bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'site/',
      removalPolicy: scope.dataRemoval,
      autoDeleteObjects: !scope.stage.protectData,
    });
    // With the permission to list, S3 answers 404 instead of 403 for a file that it lacks.
    // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
    const origin = S3BucketOrigin.withOriginAccessControl(this.bucket as IBucket, {
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
      originAccessControl: new S3OriginAccessControl(this, 'Access', {
        originAccessControlName: globalName(scope.stage, 'site'),
      }),
    });
    const file = (id: string, headers: Headers, cachePolicy: ICachePolicy = uncached): BehaviorOptions => ({
      ...readOnly(origin),
      cachePolicy,
      responseHeadersPolicy: headersPolicy(this, scope, id, headers),
    });
    const plain = file('plain', {});
    this.behaviors = {
      [readLivePage.path]: file('page', pageHeaders),
      [readLiveAsset.path.replace('{file}', '*')]: file(
        'assets',
        assetHeaders,
        CachePolicy.CACHING_OPTIMIZED,
      ),
      [readDocs.path]: file('docs', docsPageHeaders),
      // Only names with an extension, so that the API still redirects the page's path with a trailing slash.
      [readDocsFile.path.replace('{file}', '*.*')]: plain,
      [readOpenApi.path]: plain,
    };
  }
}

function readOnly(origin: IOrigin) {
  return {
    origin,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    compress: true,
  };
}

type Headers = Readonly<Record<string, string>>;

/** CloudFront has properties of their own for these; the lifetime is the object's. */
const NOT_CUSTOM = new Set([...Object.keys(standardHeaders), 'cache-control']);

/** What a function would send with a file: the standard headers and the file's, and HSTS as with every response. */
function headersPolicy(scope: Site, stack: SystemStack, id: string, own: Headers): ResponseHeadersPolicy {
  const headers: Headers = { ...standardHeaders, ...own };
  const custom = Object.entries(headers).filter(([name]) => !NOT_CUSTOM.has(name));
  return new ResponseHeadersPolicy(scope, `Headers ${id}`, {
    responseHeadersPolicyName: globalName(stack.stage, `site-${id}`),
    securityHeadersBehavior: {
      ...hsts(),
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      contentSecurityPolicy: {
        contentSecurityPolicy: headers['content-security-policy'] ?? '',
        override: true,
      },
    },
    ...(custom.length === 0
      ? {}
      : {
          customHeadersBehavior: {
            customHeaders: custom.map(([header, value]) => ({ header, value, override: true })),
          },
        }),
  });
}

/** A year of HTTPS alone. */
export function hsts() {
  return {
    strictTransportSecurity: {
      accessControlMaxAge: Duration.days(365),
      includeSubdomains: true,
      override: true,
    },
  };
}
