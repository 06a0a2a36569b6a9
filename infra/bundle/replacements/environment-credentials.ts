/**
 * Stands in for `@aws-sdk/credential-provider-node` within the bundles. Lambda puts a function's credentials into its
 * environment, so the profiles, SSO, web identities and instance metadata of the usual chain (95 KB) are of no use there.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';

/** The credentials of the function's role, which don't change as long as its process lives. */
export const defaultProvider = fromEnv;
