/** `npm run upload -- --stage dev --dataset sales.csv`: uploads a data set to the bucket, which starts the ETL. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine, runCommand, say } from '../../command-line.ts';
import { outputsOf, uploadDataset } from '../upload.ts';

const USAGE = `Usage: npm run upload -- [--stage <name>] [--dataset <csv>]

  --stage     a stage that was deployed from this checkout (default: dev)
  --dataset   the data set (default: the one in data/raw, else the generated one)`;

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

await runCommand(async () => {
  const { options } = readCommandLine(process.argv.slice(2), { options: ['stage', 'dataset'] }, USAGE);
  const stage = options.stage ?? 'dev';
  const to = await outputsOf(stage, path.join(PROJECT_ROOT, `.local/aws/outputs-${stage}.json`));
  await uploadDataset({ to, asked: options.dataset ?? null, root: PROJECT_ROOT, say });
});
