/** `npm run deploy -- --stage dev`: deploys every stack, then brings in the data set, which starts the ETL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputsOf, uploadDataset } from '../upload.ts';
import { readCommandLine, runCommand, say } from './arguments.ts';

const USAGE = `Usage: npm run deploy -- [--stage <name>] [--dataset <csv>] [--approval <level>]

  --stage     a stage of cdk.json (default: dev)
  --dataset   the data set to load; default: the one in data/raw, else the generated one
  --approval  never, any-change or broadening: when to ask before rights are widened (default: broadening)`;

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

await runCommand(async () => {
  const { options } = readCommandLine(process.argv.slice(2), ['stage', 'dataset', 'approval'], USAGE);
  const stage = options.stage ?? 'dev';
  const outputsFile = path.join(PROJECT_ROOT, `.local/aws/outputs-${stage}.json`);
  await mkdir(path.dirname(outputsFile), { recursive: true });
  await deployStacks(stage, outputsFile, options.approval ?? 'broadening');
  const { bucket, url, apiTokenSecret } = await outputsOf(stage, outputsFile);
  await uploadDataset({ bucket, asked: options.dataset ?? null, root: PROJECT_ROOT, say });
  say(`Deployed: ${url}/stream/live`);
  say('Try it, with the token of what changes the simulation:');
  const secret = `--secret-id ${apiTokenSecret} --query SecretString --output text`;
  say(`  export API_TOKEN=$(aws secretsmanager get-secret-value ${secret})`);
  say(`  npm run smoke -- ${url}`);
});

/** @throws Error if the CDK fails; it has said why. */
async function deployStacks(stage: string, outputsFile: string, approval: string): Promise<void> {
  const args = ['deploy', '--all', '-c', `stage=${stage}`, '--outputs-file', outputsFile];
  // One after the other while it asks: two questions at once can't be answered.
  const pace = approval === 'never' ? ['--concurrency', '3'] : [];
  const cdk = spawn('cdk', [...args, ...pace, '--require-approval', approval], {
    cwd: PROJECT_ROOT,
    stdio: 'inherit',
  });
  const [code] = await once(cdk, 'exit');
  if (code !== 0)
    throw new Error(`cdk deploy ended with ${code}. What is deployed stays; run it again to go on.`);
}
