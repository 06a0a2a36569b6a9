/** `npm run deploy -- --stage dev`: deploys every stack, then uploads the data set, which starts the ETL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputsOf, uploadDataset } from '../upload.ts';
import { readCommandLine, runCommand, say } from './arguments.ts';

const USAGE = `Usage: npm run deploy -- [--stage <name>] [--dataset <csv>] [--approval <level>]

  --stage     a stage of cdk.json (default: dev)
  --dataset   the data set to load (default: the one in data/raw, else the generated one)
  --approval  never, any-change or broadening: when to ask for approval (default: broadening, of permissions)`;

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

await runCommand(async () => {
  const { options } = readCommandLine(process.argv.slice(2), ['stage', 'dataset', 'approval'], USAGE);
  const stage = options.stage ?? 'dev';
  const outputsFile = path.join(PROJECT_ROOT, `.local/aws/outputs-${stage}.json`);
  await mkdir(path.dirname(outputsFile), { recursive: true });
  await deployStacks(stage, outputsFile, options.approval ?? 'broadening');
  const outputs = await outputsOf(stage, outputsFile);
  const { url, apiTokenSecret, region } = outputs;
  await uploadDataset({ to: outputs, asked: options.dataset ?? null, root: PROJECT_ROOT, say });
  say(`Deployed: ${url}/stream/live`);
  say('Try it with the API token:');
  const secret = `--region ${region} --secret-id ${apiTokenSecret} --query SecretString --output text`;
  say(`  export API_TOKEN=$(aws secretsmanager get-secret-value ${secret})`);
  say(`  npm run smoke -- ${url}`);
});

/** @throws Error if the CDK fails, after it has printed the reason. */
async function deployStacks(stage: string, outputsFile: string, approval: string): Promise<void> {
  const args = ['deploy', '--all', '-c', `stage=${stage}`, '--outputs-file', outputsFile];
  // One stack at a time if the CDK asks for approval: nobody can answer two prompts at once.
  const concurrency = approval === 'never' ? ['--concurrency', '3'] : [];
  const cdk = spawn('cdk', [...args, ...concurrency, '--require-approval', approval], {
    cwd: PROJECT_ROOT,
    stdio: 'inherit',
  });
  const [code] = await once(cdk, 'exit');
  if (code !== 0)
    throw new Error(
      `cdk deploy exited with ${code}. Deployed stacks remain; run the command again to continue.`,
    );
}
