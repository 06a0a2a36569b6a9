import type { Construct } from 'constructs';
import { SystemFunction } from '../constructs/system-function.ts';
import type { FunctionStackName } from '../placement.ts';
import { placeFunctions } from '../placement.ts';
import type { SharedResources } from '../shared-resources.ts';
import { SystemStack } from './system-stack.ts';

/** A stack that holds those functions of the system whose place it is. */
export class FunctionStack extends SystemStack {
  readonly functions: ReadonlyMap<string, SystemFunction>;

  constructor(scope: Construct, name: FunctionStackName, description: string, resources: SharedResources) {
    super(scope, name, resources.stage, description);
    const names = placeFunctions(resources.system)[name];
    this.functions = new Map(names.map((each) => [each, new SystemFunction(this, each, resources)]));
  }

  /** @throws Error if the function stands in another stack. */
  protected functionOf(name: string): SystemFunction {
    const found = this.functions.get(name);
    if (!found) throw new Error(`The function "${name}" is not in the stack ${this.stackName}.`);
    return found;
  }
}
