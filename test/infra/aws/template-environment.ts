/** The environment that the templates give each function, with addresses that exist outside AWS. */
import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf, type Synthesis } from './synthesis.ts';

/** Replaces a value that is only known after deployment. */
export type Replacements = Readonly<Record<string, string>>;

const FUNCTION_STACKS = ['data', 'pipeline', 'live', 'api'] as const;

/** Where Lambda unpacks a function's code. */
const TASK_ROOT = '/var/task';

/** The variables of each function in the templates: text, or an intrinsic function of CloudFormation. */
export function environmentsOf(synthesis: Synthesis): Map<string, Record<string, unknown>> {
  const templates: Template[] = FUNCTION_STACKS.map((stack) => synthesis.template(stack));
  const lambdas = templates.flatMap((template) =>
    Object.values(resourcesOf(template, 'AWS::Lambda::Function')),
  );
  return new Map(
    lambdas.flatMap(({ Properties }) => {
      const environment = Properties.Environment as { Variables?: Record<string, unknown> } | undefined;
      const name = environment?.Variables?.POWERTOOLS_SERVICE_NAME;
      return typeof name === 'string' ? [[name, environment?.Variables ?? {}] as const] : [];
    }),
  );
}

/**
 * Fills in what CloudFormation would.
 *
 * @param directory Where the function's bundle is.
 * @throws Error naming a computed variable without a replacement.
 */
export function resolved(
  variables: Readonly<Record<string, unknown>>,
  directory: string,
  replacements: Replacements,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const text = replacements[name] ?? value;
      if (typeof text !== 'string')
        throw new Error(`Nothing stands in for ${name}: ${JSON.stringify(value)}`);
      return [name, text.replace(TASK_ROOT, directory)];
    }),
  );
}
