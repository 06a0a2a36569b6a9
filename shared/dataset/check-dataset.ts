import { createHash } from 'node:crypto';
import type { TableRow } from './columns.ts';
import { type CsvRecord, CsvSyntaxError } from './csv-records.ts';
import {
  DatasetChangedError,
  type FoundProblem,
  InvalidDatasetError,
  type ProblemList,
  problemList,
} from './errors.ts';
import type { CsvHeader } from './header.ts';
import { noticesOf } from './notices.ts';
import type { Dataset } from './open-dataset.ts';
import { ConstantError, rowReader, sums } from './rows.ts';
import type { DatasetSettings } from './settings.ts';
import { resolveSettings, settingsFingerprint } from './settings.ts';
import { collectSummary, type DatasetSummary } from './summary.ts';
import { type Findings, openRecords, readEqually, type Survey, surveyDataset } from './survey.ts';

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
 * Checks every row of a data set and passes on the valid ones until the first problem is found. How a file is written is certain
 * only at its end, so a file whose first lines mislead is read twice.
 *
 * @param takeRows Called with each batch of valid rows in turn; the next batch is checked when it resolves.
 * @param startOver Called if the rows passed on so far were misread: all of them are passed on again. Without it no row is
 *   passed on before the whole file was read once.
 * @throws InvalidDatasetError with every kind of problem; UnreadableDatasetError; DatasetChangedError.
 */
export async function checkDataset(
  dataset: Dataset,
  takeRows: TakeRows,
  startOver?: () => Promise<void>,
): Promise<CheckedDataset> {
  const given = await dataset.settings();
  const settings = resolveSettings(given);
  const early = startOver && checkEarly(settings, takeRows);
  const problems = problemList();
  const survey = await surveyed(dataset, settings, problems, early?.follow);
  const { header } = survey;
  if (header === null || header.problems.length > 0) throw invalid(dataset, problems);
  const read = { ...survey, header };
  const checker = early?.checkerOf(survey);
  if (checker) return { ...resultOf(dataset, checker, read), sha256: withSettings(survey.sha256, given) };

  if (early?.hasPassedRows()) await startOver?.();
  const again = rowCheckerOf(dataset, read, settings, problems, takeRows);
  const hash = createHash('sha256');
  const { records } = await openRecords(dataset, settings, hash);
  for await (const batch of records) await again.add(batch);
  const result = resultOf(dataset, again, read);
  if (hash.digest('hex') !== survey.sha256) throw new DatasetChangedError(dataset.name);
  return { ...result, sha256: withSettings(survey.sha256, given) };
}

type TakeRows = (rows: readonly TableRow[]) => Promise<void>;

/** What was found out about a file that has a header. */
type Read<Found extends Findings> = Found & { readonly header: CsvHeader };

async function surveyed(
  dataset: Dataset,
  settings: DatasetSettings,
  problems: ProblemList,
  follow: Parameters<typeof surveyDataset>[2],
): Promise<Survey> {
  try {
    const survey = await surveyDataset(dataset, settings, follow);
    for (const problem of survey.problems) problems.add(problem);
    if (survey.header === null) problems.add(ofFile('has no rows'));
    return survey;
  } catch (error) {
    problems.add(asProblem(error));
    throw invalid(dataset, problems);
  }
}

/**
 * Checks records while the survey still runs, as long as each batch confirms what the first one says about how to read them. That saves
 * nearly every file a second reading, which is most of the work.
 */
function checkEarly(settings: DatasetSettings, takeRows: TakeRows) {
  let assumed: Findings | undefined;
  let checker: RowChecker | undefined;
  let isWrong = false;
  let passed = 0;
  const counted: TakeRows = async (rows) => {
    passed += rows.length;
    await takeRows(rows);
  };

  function begin(found: Findings): void {
    assumed = found;
    if (found.header === null) return;
    try {
      checker = rowChecker({ ...found, header: found.header }, settings, problemList(), counted);
    } catch (error) {
      // Reported when the survey has found nothing worse.
      if (!(error instanceof ConstantError)) throw error;
    }
  }

  const agrees = (found: Findings) =>
    assumed !== undefined && found.problems.length === 0 && readEqually(assumed, found);

  return {
    async follow(batch: readonly CsvRecord[], soFar: Findings): Promise<void> {
      if (!assumed) begin(soFar);
      if (!isWrong && !agrees(soFar)) isWrong = true;
      if (!isWrong) await checker?.add(batch);
    },
    /** @returns the checker of all records; undefined if they weren't read as they must be. */
    checkerOf: (survey: Survey) => (!isWrong && agrees(survey) ? checker : undefined),
    hasPassedRows: () => passed > 0,
  };
}

/** Checks the rows of a file, batch by batch. */
interface RowChecker {
  add(batch: readonly CsvRecord[]): Promise<void>;
  /** @param found Of the whole file. */
  finish(found: Read<Survey>): Omit<CheckedDataset, 'sha256' | 'survey'>;
  readonly problems: ProblemList;
}

/** @throws ConstantError */
function rowChecker(
  found: Read<Findings>,
  settings: DatasetSettings,
  problems: ProblemList,
  takeRows: TakeRows,
): RowChecker {
  const { header } = found;
  const sum = sums(settings);
  const collector = collectSummary({ sum });
  // Without an answer dates may be misread, so that different days look equal.
  const compareKeys = found.problems.length === 0;
  const reader = rowReader(header, found, settings);
  return {
    problems,
    async add(batch) {
      const rows: TableRow[] = [];
      for (const record of batch) {
        if (record.line <= header.line) continue;
        const row = reader.read(record, problems);
        if (row === null) continue;
        const misfit = collector.add(row);
        if (misfit === undefined) rows.push(row);
        else if (compareKeys) problems.add({ line: record.line, column: null, value: null, ...misfit });
      }
      if (problems.isEmpty) await takeRows(rows);
    },
    finish(survey) {
      const summary = collector.summary();
      if (problems.isEmpty && summary.rows === 0) problems.add(ofFile('has no rows'));
      const notices = noticesOf({ survey, header, settings, counts: reader.counts, summary });
      return { ...summary, sum, notices };
    },
  };
}

/** @throws InvalidDatasetError if there were problems. */
function resultOf(
  dataset: Dataset,
  checker: RowChecker,
  survey: Read<Survey>,
): Omit<CheckedDataset, 'sha256'> {
  const result = checker.finish(survey);
  if (!checker.problems.isEmpty) throw invalid(dataset, checker.problems);
  return { ...result, survey };
}

function rowCheckerOf(
  dataset: Dataset,
  found: Read<Findings>,
  settings: DatasetSettings,
  problems: ProblemList,
  takeRows: TakeRows,
): RowChecker {
  try {
    return rowChecker(found, settings, problems, takeRows);
  } catch (error) {
    if (!(error instanceof ConstantError)) throw error;
    const constants = problemList();
    constants.add(ofFile(`can't be read by this mapping: ${error.message}`));
    throw invalid(dataset, constants);
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
