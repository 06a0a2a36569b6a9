import { createHash } from 'node:crypto';
import type { Row } from './columns.ts';
import { CsvSyntaxError } from './csv-records.ts';
import {
  DatasetChangedError,
  type FoundProblem,
  InvalidDatasetError,
  type ProblemList,
  problemList,
} from './errors.ts';
import type { Header } from './header.ts';
import { noticesOf } from './notices.ts';
import type { Dataset } from './open-dataset.ts';
import { resolveSettings, settingsFingerprint } from './profiles.ts';
import { ConstantError, rowReader, sums } from './rows.ts';
import type { DatasetSettings } from './settings.ts';
import { collectSummary, type DatasetSummary } from './summary.ts';
import { openRecords, type Survey, surveyDataset } from './survey.ts';

export interface CheckedDataset extends DatasetSummary {
  /** Of the CSV's bytes after decompression and, if there are any, of the settings. */
  readonly sha256: string;
  /** Whether several lines may be one sale. */
  readonly sum: boolean;
  readonly survey: Survey;
  /** What was done to the file's values, in sentences. */
  readonly notices: readonly string[];
}

/** The hash of a data set and its settings. @throws UnreadableDatasetError */
export async function hashDataset(dataset: Dataset): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of dataset.read()) hash.update(chunk);
  return withSettings(hash.digest('hex'), await dataset.settings());
}

function withSettings(sha256: string, settings: DatasetSettings): string {
  const fingerprint = settingsFingerprint(settings);
  if (fingerprint === null) return sha256;
  return createHash('sha256').update(`${sha256}\n${fingerprint}`).digest('hex');
}

/**
 * Checks every row of a data set and passes on the valid ones until the first problem is found. Reads the file twice: to find out how
 * it is written, and to read it so.
 *
 * @param takeRows Called with each batch of valid rows in turn; the next batch is checked when it resolves.
 * @throws InvalidDatasetError with every kind of problem; UnreadableDatasetError; DatasetChangedError.
 */
export async function checkDataset(
  dataset: Dataset,
  takeRows: (rows: readonly Row[]) => Promise<void>,
): Promise<CheckedDataset> {
  const settings = resolveSettings(await dataset.settings());
  const problems = problemList();
  const survey = await surveyed(dataset, settings, problems);
  const { header } = survey;
  if (header === null || header.problems.length > 0) throw invalid(dataset, problems);
  const { sha256, ...checked } = await checkRows(dataset, settings, { survey, header, problems }, takeRows);
  if (!problems.isEmpty) throw invalid(dataset, problems);
  if (sha256 !== survey.sha256) throw new DatasetChangedError(dataset.name);
  return { ...checked, survey, sha256: withSettings(sha256, await dataset.settings()) };
}

async function surveyed(dataset: Dataset, settings: DatasetSettings, problems: ProblemList): Promise<Survey> {
  try {
    const survey = await surveyDataset(dataset, settings);
    for (const problem of survey.problems) problems.add(problem);
    if (survey.header === null) problems.add(ofFile('has no rows'));
    return survey;
  } catch (error) {
    problems.add(asProblem(error));
    throw invalid(dataset, problems);
  }
}

async function checkRows(
  dataset: Dataset,
  settings: DatasetSettings,
  { survey, header, problems }: { survey: Survey; header: Header; problems: ProblemList },
  takeRows: (rows: readonly Row[]) => Promise<void>,
) {
  const sum = sums(settings);
  const collector = collectSummary({ sum });
  const hash = createHash('sha256');
  // Without an answer dates may be misread, so that different days look equal.
  const compareKeys = survey.problems.length === 0;
  const { records } = await openRecords(dataset, settings, hash);
  const reader = rowReaderOf(dataset, header, survey, settings);
  for await (const batch of records) {
    const rows: Row[] = [];
    for (const record of batch) {
      if (record.line <= header.line) continue;
      const row = reader.read(record, problems);
      if (row === null) continue;
      const misfit = collector.add(row);
      if (misfit === undefined) rows.push(row);
      else if (compareKeys) problems.add({ line: record.line, column: null, value: null, ...misfit });
    }
    if (problems.isEmpty) await takeRows(rows);
  }
  const summary = collector.summary();
  if (problems.isEmpty && summary.rows === 0) problems.add(ofFile('has no rows'));
  const notices = noticesOf({ survey, header, settings, counts: reader.counts, summary });
  return { ...summary, sum, notices, sha256: hash.digest('hex') };
}

function rowReaderOf(dataset: Dataset, header: Header, survey: Survey, settings: DatasetSettings) {
  try {
    return rowReader(header, survey, settings);
  } catch (error) {
    if (!(error instanceof ConstantError)) throw error;
    const problems = problemList();
    problems.add(ofFile(`can't be read by this mapping: ${error.message}`));
    throw invalid(dataset, problems);
  }
}

function invalid(dataset: Dataset, problems: ProblemList): InvalidDatasetError {
  return new InvalidDatasetError(dataset.name, problems.groups());
}

/** @throws the error itself if it isn't about the file's content. */
function asProblem(error: unknown): FoundProblem {
  if (!(error instanceof CsvSyntaxError)) throw error;
  return { line: error.line, column: null, value: null, reason: error.message, remedy: error.remedy };
}

function ofFile(reason: string): FoundProblem {
  return { line: null, column: null, value: null, reason, remedy: null };
}
