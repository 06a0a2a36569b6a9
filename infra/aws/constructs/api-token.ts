import type { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** The secret whose text is the token. Without a name of our own: a deleted secret keeps its name for a month. */
export function apiToken(scope: Construct, removalPolicy: RemovalPolicy): Secret {
  return new Secret(scope, 'ApiToken', {
    description: 'Bearer token of the routes that change the simulation',
    generateSecretString: { excludePunctuation: true, passwordLength: 40 },
    removalPolicy,
  });
}
