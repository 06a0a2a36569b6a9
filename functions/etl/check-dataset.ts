import { createHash, type Hash } from 'node:crypto';
import { type CsvRecord, CsvSyntaxError, readCsv } from './csv-records.ts';
import { DATASET_COLUMNS, fieldProblems, headerProblem, isRow, type RowFields } from './csv-row.ts';
import { type DatasetProblem, InvalidDatasetError } from './dataset-errors.ts';
import { collectSummary, type DatasetSummary, type SummaryCollector } from './dataset-summary.ts';
import type { Dataset } from './open-dataset.ts';

/** Problems to report; a file with more is probably the wrong file. */
const MAX_PROBLEMS = 20;

export interface CheckedDataset extends DatasetSummary {
  /** SHA-256 of the CSV's bytes after decompression. */
  readonly sha256: string;
}

/** SHA-256 of a data set's bytes after decompression. @throws UnreadableDatasetError */
export async function hashDataset(dataset: Dataset): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of dataset.read()) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Checks every row of a data set and passes on the valid ones until the first problem is found.
 *
 * @param takeRows Called with each batch of valid rows in turn; the next batch is checked when it resolves.
 * @throws InvalidDatasetError with the first 20 problems; UnreadableDatasetError.
 */
export async function checkDataset(
  dataset: Dataset,
  takeRows: (rows: readonly RowFields[]) => Promise<void>,
): Promise<CheckedDataset> {
  const hash = createHash('sha256');
  const collector = collectSummary();
  const problems: DatasetProblem[] = [];
  try {
    for await (const records of withoutHeader(readCsv(hashed(dataset.read(), hash)))) {
      const batch = checkRecords(records, collector);
      problems.push(...batch.problems);
      if (problems.length >= MAX_PROBLEMS) break;
      if (problems.length === 0) await takeRows(batch.rows);
    }
  } catch (error) {
    problems.push(asProblem(error));
  }
  const summary = collector.summary();
  if (problems.length === 0 && summary.rows === 0) problems.push(problemOf(null, 'has no rows'));
  if (problems.length > 0) throw new InvalidDatasetError(dataset.name, problems.slice(0, MAX_PROBLEMS));
  return { ...summary, sha256: hash.digest('hex') };
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The header is wrong, so no row can be read. */
class HeaderError extends Error {
  readonly line: number;

  constructor({ line }: CsvRecord, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** @throws HeaderError if the first record isn't the expected header. */
async function* withoutHeader(batches: AsyncIterable<CsvRecord[]>): AsyncGenerator<CsvRecord[]> {
  let header: CsvRecord | undefined;
  for await (const batch of batches) {
    if (header === undefined) {
      header = batch.shift();
      const problem = header && headerProblem(header.fields);
      if (header && problem) throw new HeaderError(header, problem);
    }
    yield batch;
  }
}

function checkRecords(records: readonly CsvRecord[], collector: SummaryCollector) {
  const rows: RowFields[] = [];
  const problems: DatasetProblem[] = [];
  for (const { line, fields } of records) {
    if (!isRow(fields)) {
      problems.push(problemOf(line, `has ${fields.length} fields; the header has ${DATASET_COLUMNS.length}`));
      continue;
    }
    const wrong = fieldProblems(fields);
    problems.push(...wrong.map((problem) => ({ line, ...problem })));
    if (wrong.length > 0) continue;
    const misfit = collector.add(fields);
    if (misfit === undefined) rows.push(fields);
    else problems.push(problemOf(line, misfit));
  }
  return { rows, problems };
}

/** @throws the error itself if it isn't about the file's content. */
function asProblem(error: unknown): DatasetProblem {
  if (error instanceof HeaderError || error instanceof CsvSyntaxError)
    return problemOf(error.line, error.message);
  throw error;
}

/** A problem of a whole line, or of the file if `line` is null. */
function problemOf(line: number | null, reason: string): DatasetProblem {
  return { line, column: null, value: null, reason };
}
