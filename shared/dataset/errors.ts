/** The first place of a problem. */
interface ProblemPlace {
  /** Counted from 1; null for a problem of the whole file. */
  readonly line: number | null;
  readonly column: string | null;
  readonly value: string | null;
}

/** One problem in a file, where it was found. */
export interface FoundProblem extends ProblemPlace {
  /** Completes a sentence whose subject is the value, the line or the file. */
  readonly reason: string;
  /** What to do about it, as a sentence; null if the reason says it. */
  readonly remedy: string | null;
}

/** All problems of one kind: the first of them, and how many there are. */
export interface DatasetProblem extends FoundProblem {
  readonly count: number;
  /** The first places, in the order of the file. */
  readonly places: readonly ProblemPlace[];
}

const MAX_PLACES = 5;
/** Kinds of problems to report; a file with more is probably the wrong file. */
const MAX_KINDS = 50;

/** Collects problems, grouped by column and reason, in constant memory. */
export interface ProblemList {
  add(problem: FoundProblem): void;
  readonly isEmpty: boolean;
  /** In the order in which each kind was first found. */
  groups(): readonly DatasetProblem[];
}

/** Starts an empty list. */
export function problemList(): ProblemList {
  const kinds = new Map<string, { first: FoundProblem; count: number; places: ProblemPlace[] }>();
  return {
    add(problem) {
      const key = [problem.column, problem.reason, problem.remedy].join('\u001f');
      const known = kinds.get(key);
      const { line, column, value } = problem;
      if (known === undefined) {
        if (kinds.size < MAX_KINDS)
          kinds.set(key, { first: problem, count: 1, places: [{ line, column, value }] });
        return;
      }
      known.count += 1;
      if (known.places.length < MAX_PLACES) known.places.push({ line, column, value });
    },
    get isEmpty() {
      return kinds.size === 0;
    },
    groups: () => [...kinds.values()].map(({ first, count, places }) => ({ ...first, count, places })),
  };
}

/** A file's content can't be loaded. Nothing was changed. */
export class InvalidDatasetError extends Error {
  readonly file: string;
  readonly problems: readonly DatasetProblem[];

  constructor(file: string, problems: readonly DatasetProblem[]) {
    const list = problems.map((problem) => `\n${describeProblem(problem)}`).join('');
    super(`${file} is not a data set that can be loaded; the tables are unchanged. Correct it:${list}`);
    this.name = 'InvalidDatasetError';
    this.file = file;
    this.problems = problems;
  }
}

/** One line for the first place, one for the others, one for the remedy. */
export function describeProblem(problem: DatasetProblem): string {
  const { count, places, remedy } = problem;
  const others = count > 1 ? [`    ${count.toLocaleString('en')} times: ${placesText(places, count)}`] : [];
  const advice = remedy === null ? [] : [`    → ${remedy}`];
  return [`  ${firstPlace(problem)}`, ...others, ...advice].join('\n');
}

function firstPlace({ line, column, value, reason }: DatasetProblem): string {
  const place = [line === null ? 'the file' : `line ${line}`, ...(column === null ? [] : [column])].join(
    ', ',
  );
  return value === null ? `${place} ${reason}` : `${place}: ${quoted(value)} ${reason}`;
}

function placesText(places: readonly ProblemPlace[], count: number): string {
  const lines = places.map(({ line, value }) =>
    value === null ? `line ${line}` : `line ${line} ${quoted(value)}`,
  );
  return `${lines.join(', ')}${count > places.length ? ', …' : ''}`;
}

/** Formats a value for a message: quoted, control characters escaped, cut to 60 characters. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
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
