/** The CDK app: `cdk synth -c stage=<name>`. Synthesis needs no account, no network and no Docker. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildPageFiles } from '../local/page.ts';
import { deployedSystem } from '../system.ts';
import { buildStacks } from './build-app.ts';
import { bundleFunctions } from './bundle.ts';
import { readStage } from './stage.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const app = new App();
const stage = readStage((key) => app.node.tryGetContext(key));
const bundles = path.join(PROJECT, `.local/aws/bundles-${stage.name}`);
await bundleFunctions(deployedSystem.functions, {
  outDirectory: bundles,
  buildPage: (directory) => buildPageFiles(PROJECT, directory),
});
buildStacks(app, {
  stage,
  system: deployedSystem,
  codeOf: (name) => Code.fromAsset(path.join(bundles, name)),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
