/** Synthesises the stacks of any description and stage for tests, without bundles, an account or the network. */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { buildStacks, type Stacks } from '../../../infra/aws/build-app.ts';
import { readStage, type Stage } from '../../../infra/aws/stage.ts';
import { deployedSystem } from '../../../infra/system.ts';
import type { SystemDescription } from '../../../infra/system-description.ts';

// The CDK's own validator takes seconds; `cdk synth` runs it.
process.env.CDK_VALIDATION = 'false';

const cdkJson = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync('cdk.json', 'utf8')));

/** The context of cdk.json with some of it replaced. */
export function contextWith(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { ...cdkJson.context, ...changes };
}

/** A stage of cdk.json. */
export function stageNamed(name: string): Stage {
  const context = contextWith({ stage: name });
  return readStage((key) => context[key]);
}

export interface Synthesis {
  readonly app: App;
  readonly stacks: Stacks;
  /** The resources of a stack. */
  template(stack: keyof Stacks): Template;
}

/** Builds a deployment, by default of the deployed description and the stage `dev`. */
export function synthesize(
  changes: {
    system?: SystemDescription;
    stage?: Stage;
    codeOf?: (name: string) => Code;
    region?: string;
  } = {},
): Synthesis {
  const app = new App({ context: { ...contextWith(), 'aws:cdk:bundling-stacks': [] } });
  const stacks = buildStacks(app, {
    stage: stageNamed('dev'),
    system: deployedSystem,
    codeOf: () => Code.fromInline('export const handler = async () => {};'),
    ...changes,
  });
  const templates = new Map<keyof Stacks, Template>();
  const template = (name: keyof Stacks) => {
    const known = templates.get(name) ?? Template.fromStack(stacks[name]);
    templates.set(name, known);
    return known;
  };
  return { app, stacks, template };
}

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

/** The resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}
