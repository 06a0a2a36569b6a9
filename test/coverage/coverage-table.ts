import path from 'node:path';
import * as z from 'zod';

const counted = z.object({ total: z.number(), covered: z.number() });
const summarySchema = z.record(
  z.string(),
  z.object({ lines: counted, functions: counted, branches: counted }),
);

const MEASURES = ['lines', 'functions', 'branches'] as const;

/**
 * The coverage of each top-level folder as a Markdown table, with the total in its last row.
 *
 * @param summary The text of Istanbul's `coverage-summary.json`: counts by absolute path, and `total`.
 * @param root The folder that the paths are below.
 * @throws ZodError if the text has another form.
 */
export function coverageTable(summary: string, root: string): string {
  const { total, ...files } = summarySchema.parse(JSON.parse(summary));
  const byFolder = Map.groupBy(
    Object.entries(files),
    ([file]) => path.relative(root, file).split(path.sep)[0] ?? '',
  );
  const folders = [...byFolder].toSorted(([one], [other]) => one.localeCompare(other));
  const rows = folders.map(([folder, entries]) =>
    rowOf(
      folder,
      entries.map(([, counts]) => counts),
    ),
  );
  return [
    '| folder | files | lines | functions | branches |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    ...(total ? [rowOf('total', [total], Object.keys(files).length)] : []),
  ].join('\n');
}

type Counts = z.infer<typeof summarySchema>[string];

function rowOf(name: string, counts: readonly Counts[], files = counts.length): string {
  const shares = MEASURES.map((measure) => {
    const total = counts.reduce((sum, each) => sum + each[measure].total, 0);
    const covered = counts.reduce((sum, each) => sum + each[measure].covered, 0);
    return total === 0 ? '–' : `${((100 * covered) / total).toFixed(1)} %`;
  });
  return `| ${[name, files, ...shares].join(' | ')} |`;
}
