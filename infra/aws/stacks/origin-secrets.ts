import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { acknowledge, type SystemStack } from '../system-stack.ts';

/**
 * The secrets that tell the HTTP API's functions which requests came through CloudFront, the current one first, then the one that the
 * stage's generation replaces. Created in the stack that asks first.
 *
 * Functions accept both, and their stack is deployed before CloudFront's: so a new generation refuses no request in between.
 */
export function originSecrets(stack: SystemStack): Secret[] {
  const { originSecretGeneration: current } = stack.stage;
  return [current, current - 1].filter((generation) => generation > 0).map((each) => secretOf(stack, each));
}

/** References to the secrets' texts, which CloudFormation resolves during a deployment, separated by commas. */
export function originSecretTexts(stack: SystemStack): string {
  return originSecrets(stack)
    .map((secret) => secret.secretValue.unsafeUnwrap())
    .join(',');
}

function secretOf(stack: SystemStack, generation: number): Secret {
  const id = `OriginSecret${generation}`;
  const known = stack.node.tryFindChild(id);
  if (known instanceof Secret) return known;
  const secret = new Secret(stack, id, {
    description: 'Sent by CloudFront to the HTTP API, which answers nobody else',
    generateSecretString: { excludePunctuation: true, passwordLength: 40 },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      'CloudFront and the functions read it at deployment only, so a deployment rotates it (docs/operations.md).',
  });
  return secret;
}
