import { quoted } from './csv-row.ts';

/** One thing that is wrong with a file. */
export interface DatasetProblem {
  /** Counted from 1, the header's; null where the whole file is meant. */
  readonly line: number | null;
  readonly column: string | null;
  readonly value: string | null;
  /** What is the matter, as the end of a sentence whose subject is the value, the line or the file. */
  readonly reason: string;
}

/** A file has content that can't be loaded. Nothing was changed. */
export class InvalidDatasetError extends Error {
  readonly file: string;
  readonly problems: readonly DatasetProblem[];

  constructor(file: string, problems: readonly DatasetProblem[]) {
    const list = problems.map((problem) => `\n  ${describe(problem)}`).join('');
    super(`${file} is not a data set that can be loaded; the tables are as they were. Mend it:${list}`);
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

/** A file can't be read: it isn't there, may not be read, is cut off. Nothing was changed. */
export class UnreadableDatasetError extends Error {
  constructor(file: string, cause: unknown) {
    super(`${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'UnreadableDatasetError';
  }
}

/** A file was written to while it was read. Nothing was changed. */
export class DatasetChangedError extends Error {
  constructor(file: string) {
    super(
      `${file} changed while it was being read; the tables are as they were. Load it when it is complete.`,
    );
    this.name = 'DatasetChangedError';
  }
}
