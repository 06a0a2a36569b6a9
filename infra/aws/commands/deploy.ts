/**
 * `npm run deploy -- --stage dev`: checks the account, deploys every stack, then uploads the data set, which starts the ETL.
 * `npm run deploy -- --check` stops after the checks, with exit code 1 if one of them refuses.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { bundledFolders } from '../../capability-resources.ts';
import { readCommandLine, runCommand, say } from '../../command-line.ts';
import { preflight, tableOf } from '../preflight/preflight.ts';
import { readStageOfProject } from '../preflight/target.ts';
import { type Outputs, outputsOf, siteFiles, uploadDataset, uploadSite } from '../upload.ts';

const USAGE = `Usage: npm run deploy -- [--stage <name>] [--check | --skip-checks] [--dataset <csv>] [--approval <level>]

  --stage        a stage of cdk.json (default: dev)
  --check        only check what would stop a deployment; changes nothing
  --skip-checks  deploy in spite of them
  --dataset      the data set to load (default: the one in data/raw, else the generated one)
  --approval     never, any-change or broadening: when to ask for approval (default: broadening, of permissions)`;

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

await runCommand(async () => {
  const { options, flags } = readCommandLine(
    process.argv.slice(2),
    { options: ['stage', 'dataset', 'approval'], flags: ['check', 'skip-checks'] },
    USAGE,
  );
  const stage = options.stage ?? 'dev';
  const region = flags.has('skip-checks') ? undefined : await check(stage);
  if (flags.has('check')) return;
  const outputsFile = path.join(PROJECT_ROOT, `.local/aws/outputs-${stage}.json`);
  await mkdir(path.dirname(outputsFile), { recursive: true });
  await deployStacks(stage, { outputsFile, approval: options.approval ?? 'broadening', region });
  await reportDeployment(stage, outputsFile, options.dataset);
});

/**
 * Prints the table of checks.
 *
 * @returns The region that was checked.
 * @throws Error if one of them refuses.
 */
async function check(stageName: string): Promise<string | undefined> {
  const { rows, passed, region } = await preflight(await readStageOfProject(PROJECT_ROOT, stageName));
  for (const line of tableOf(rows)) say(line);
  if (!passed) throw new Error(`The stage ${stageName} can't be deployed. The remedies are above.`);
  say('All checks passed.');
  return region;
}

interface CdkOptions {
  readonly outputsFile: string;
  readonly approval: string;
  /** The region that was checked; undefined to let the CDK find it. */
  readonly region: string | undefined;
}

/** @throws Error if the CDK fails, after it has printed the reason. */
async function deployStacks(stage: string, { outputsFile, approval, region }: CdkOptions): Promise<void> {
  const args = ['deploy', '--all', '-c', `stage=${stage}`, '--outputs-file', outputsFile];
  // One stack at a time if the CDK asks for approval: nobody can answer two prompts at once.
  const concurrency = approval === 'never' ? ['--concurrency', '3'] : [];
  const cdk = spawn('cdk', [...args, ...concurrency, '--require-approval', approval], {
    cwd: PROJECT_ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...(region === undefined ? {} : { AWS_REGION: region }) },
  });
  const [code] = await once(cdk, 'exit');
  if (code !== 0)
    throw new Error(
      `cdk deploy exited with ${code}. Deployed stacks remain; run the command again to continue.`,
    );
}

/** Uploads the page and the documentation as this deployment has built them. */
async function deploySite(stage: string, { siteBucket, region, account }: Outputs): Promise<void> {
  const bundles = path.join(PROJECT_ROOT, `.local/aws/bundles-${stage}`);
  const files = await siteFiles({
    page: path.join(bundles, 'live', bundledFolders.page),
    docs: path.join(bundles, 'system', bundledFolders.docs),
  });
  await uploadSite(new S3Client({ region }), siteBucket, files, account);
  say(`Uploaded ${files.length} files of the page and the documentation.`);
}

async function reportDeployment(
  stage: string,
  outputsFile: string,
  dataset: string | undefined,
): Promise<void> {
  const outputs = await outputsOf(stage, outputsFile);
  const { url, apiTokenSecret, region } = outputs;
  await deploySite(stage, outputs);
  await uploadDataset({ to: outputs, asked: dataset ?? null, root: PROJECT_ROOT, say });
  say(`Deployed: ${url}/stream/live`);
  say('Try it with the API token:');
  const secret = `--region ${region} --secret-id ${apiTokenSecret} --query SecretString --output text`;
  say(`  export API_TOKEN=$(aws secretsmanager get-secret-value ${secret})`);
  say(`  npm run smoke -- ${url}`);
}
