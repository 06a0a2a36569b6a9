import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { NetworkStack } from './stacks/network-stack.ts';
import type { StorageStack } from './stacks/storage-stack.ts';
import type { StreamingStack } from './stacks/streaming-stack.ts';
import type { Stage } from './stage.ts';
import type { SystemDescription } from './system-description.ts';

/** What the stacks that hold functions stand on. */
export interface SharedResources {
  readonly stage: Stage;
  readonly system: SystemDescription;
  readonly network: NetworkStack;
  readonly storage: StorageStack;
  readonly streaming: StreamingStack;
  /** The code of a function; a parameter, so that a test needs no bundles. */
  readonly codeOf: (functionName: string) => Code;
}
