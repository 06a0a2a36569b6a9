import { quoted } from './csv-row.ts';

/** One problem in a file. */
export interface DatasetProblem {
  /** Counted from 1, which is the header; null for a problem of the whole file. */
  readonly line: number | null;
  readonly column: string | null;
  readonly value: string | null;
  /** Completes a sentence whose subject is the value, the line or the file. */
  readonly reason: string;
}

/** A file's content can't be loaded. Nothing was changed. */
export class InvalidDatasetError extends Error {
  readonly file: string;
  readonly problems: readonly DatasetProblem[];

  constructor(file: string, problems: readonly DatasetProblem[]) {
    const list = problems.map((problem) => `\n  ${describe(problem)}`).join('');
    super(`${file} is not a data set that can be loaded; the tables are unchanged. Correct it:${list}`);
    this.name = 'InvalidDatasetError';
    this.file = file;
    this.problems = problems;
  }
}

function describe({ line, column, value, reason }: DatasetProblem): string {
  const place = [line === null ? 'the file' : `line ${line}`, ...(column === null ? [] : [column])].join(
    ', ',
  );
  return value === null ? `${place} ${reason}` : `${place}: ${quoted(value)} ${reason}`;
}

/** A file can't be read: it is missing, not permitted or truncated. Nothing was changed. */
export class UnreadableDatasetError extends Error {
  constructor(file: string, cause: unknown) {
    super(`${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'UnreadableDatasetError';
  }
}

/** A file changed while it was being read. Nothing was changed. */
export class DatasetChangedError extends Error {
  constructor(file: string) {
    super(
      `${file} changed while it was being read; the tables are unchanged. Load it again when it is complete.`,
    );
    this.name = 'DatasetChangedError';
  }
}
