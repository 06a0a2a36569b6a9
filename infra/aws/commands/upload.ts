/** `npm run upload -- --stage dev --dataset sales.csv`: uploads a data set to the bucket, which starts the ETL. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine, runCommand, say } from '../../command-line.ts';
import {
  DATASET_OPTIONS,
  DATASET_OPTIONS_HELP,
  datasetOptionValues,
  readDatasetSettings,
} from '../../local/dataset.ts';
import { outputsOf, uploadDataset } from '../upload.ts';

const USAGE = `Usage: npm run upload -- [--stage <name>] [--dataset <csv>] [options]

  --stage     a stage that was deployed from this checkout (default: dev)
  --dataset   the data set (default: the one in data/raw, else the generated one)

${DATASET_OPTIONS_HELP}`;

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

await runCommand(async () => {
  const named = Object.entries(DATASET_OPTIONS);
  const names = (type: 'string' | 'boolean') =>
    named.flatMap(([name, option]) => (option.type === type ? [name] : []));
  const { options, flags } = readCommandLine(
    process.argv.slice(2),
    { options: ['stage', 'dataset', ...names('string')], flags: names('boolean') },
    USAGE,
  );
  const given = { ...options, ...Object.fromEntries([...flags].map((name) => [name, true])) };
  const settings = await readDatasetSettings(datasetOptionValues.parse(given));
  const stage = options.stage ?? 'dev';
  const to = await outputsOf(stage, path.join(PROJECT_ROOT, `.local/aws/outputs-${stage}.json`));
  await uploadDataset({ to, asked: options.dataset ?? null, settings, root: PROJECT_ROOT, say });
});
