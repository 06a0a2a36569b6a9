/** The CDK app: `cdk synth -c stage=<name>`. Synthesis needs no account, no network and no Docker. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildPageFiles } from '../local/page.ts';
import { deployedSystem } from '../system.ts';
import { buildStacks } from './build-app.ts';
import { type BundledFunction, bundleFunctions } from './bundle.ts';
import { CANARY } from './constructs/canary.ts';
import { STREAM_BRAKE } from './constructs/stream-limits.ts';
import { checkRegion } from './regions.ts';
import { readStage } from './stage.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const app = new App();
const stage = readStage((key) => app.node.tryGetContext(key));
// Set by the CDK's command line: from AWS_REGION, AWS_DEFAULT_REGION or the profile. Synthesis works without.
const region = process.env.CDK_DEFAULT_REGION;
if (region !== undefined) checkRegion(region, stage);
const bundles = path.join(PROJECT, `.local/aws/bundles-${stage.name}`);
const brake: BundledFunction = { entry: 'infra/aws/stream-brake.ts', uses: [], invocation: 'buffered' };
const canary: BundledFunction = { entry: 'infra/aws/canary.ts', uses: [], invocation: 'buffered' };
await bundleFunctions(
  { ...deployedSystem.functions, [STREAM_BRAKE]: brake, [CANARY]: canary },
  {
    outDirectory: bundles,
    buildPage: (directory) => buildPageFiles(PROJECT, directory),
  },
);
buildStacks(app, {
  region,
  stage,
  system: deployedSystem,
  codeOf: (name) => Code.fromAsset(path.join(bundles, name)),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
