/**
 * Stands in for `@aws-sdk/credential-provider-node` within the bundles. Lambda puts a function's credentials into its
 * environment, so the profiles, SSO, web identities and instance metadata of the usual chain (95 KB) are of no use there.
 */
import { credentialSettings, readSettings } from '../../../../shared/settings/settings.ts';

/** Credentials as the SDK takes them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Gives the credentials of the function's role, which don't change as long as its process lives. */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => {
    const settings = readSettings(credentialSettings);
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings;
    const { AWS_SESSION_TOKEN: sessionToken } = settings;
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  };
}
