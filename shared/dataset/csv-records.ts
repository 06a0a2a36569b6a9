import { CsvError, type InfoRecord, type Parser, parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Excel writes this line before the header in some countries. */
const SEPARATOR_LINE = /^\ufeff?"?sep=(.)"?\r?\n/i;

/**
 * Finds the delimiter by the header: the one that splits it into the most known names, else into the most fields.
 *
 * @param start The text's beginning.
 * @param countKnown Counts the names that the reader knows.
 */
export function findDelimiter(
  start: string,
  countKnown: (names: readonly string[]) => number,
): { delimiter: Delimiter; skippedLines: number } {
  const stated = SEPARATOR_LINE.exec(start);
  const named = DELIMITERS.find((delimiter) => delimiter === stated?.[1]);
  const skippedLines = stated === null ? 0 : 1;
  if (named !== undefined) return { delimiter: named, skippedLines };
  const header = start.slice(stated?.[0].length ?? 0);
  const scored = DELIMITERS.map((delimiter) => {
    const names = fieldsOf(header, delimiter);
    return { delimiter, known: countKnown(names), fields: names.length };
  });
  const best = scored.reduce((a, b) =>
    b.known > a.known || (b.known === a.known && b.fields > a.fields) ? b : a,
  );
  return { delimiter: best.delimiter, skippedLines };
}

/** The fields of the first line that is not empty. */
function fieldsOf(text: string, delimiter: Delimiter): string[] {
  try {
    const [first] = parseWhole(text, {
      bom: true,
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: 1,
    });
    return first ?? [];
  } catch {
    // A quote that isn't closed: the reader of all records reports it.
    return [];
  }
}

export interface CsvRecord {
  /** Line on which the record begins, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A line that is not CSV. The message completes a sentence whose subject is the line. */
export class CsvSyntaxError extends Error {
  readonly line: number;
  readonly remedy: string | null;

  constructor(line: number, reason: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super(reason, options);
    this.name = 'CsvSyntaxError';
    this.line = line;
    this.remedy = options?.remedy ?? null;
  }
}

/** Bounds the memory for a file without line ends, or with a quote that is never closed. */
const MAX_RECORD_BYTES = 10_000;

/** How a file's fields are separated. */
export interface CsvDialect {
  readonly delimiter: Delimiter;
  /** Lines before the header that are not part of the table. */
  readonly skippedLines: number;
}

/**
 * Splits a CSV file (RFC 4180, in UTF-8) into records, in one batch for each chunk of the source. Lines end with LF, CRLF or CR; a
 * byte order mark and empty lines are skipped.
 *
 * @throws CsvSyntaxError after the records before it.
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  { delimiter, skippedLines }: CsvDialect = { delimiter: ',', skippedLines: 0 },
): AsyncGenerator<CsvRecord[]> {
  let batch: CsvRecord[] = [];
  let previous: Pick<InfoRecord, 'lines' | 'empty_lines'> = { lines: skippedLines, empty_lines: 0 };
  const firstLine = (emptyLines: number) => previous.lines + 1 + emptyLines - previous.empty_lines;
  // Records are collected here instead of read from the parser's stream, which would take twice the time.
  const collect = (fields: string[], info: InfoRecord) => {
    batch.push({ line: firstLine(info.empty_lines), fields });
    previous = { lines: info.lines, empty_lines: info.empty_lines };
    return null;
  };
  const parser = parse({
    bom: true,
    delimiter,
    from_line: 1 + skippedLines,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    // csv-parse compares before it adds the next byte.
    max_record_size: MAX_RECORD_BYTES - 1,
    on_record: collect,
  });

  for await (const chunk of withEnd(source)) {
    const error = await parseChunk(parser, chunk);
    if (batch.length > 0) yield batch;
    batch = [];
    if (error) throw syntaxError(error, firstLine(Number(error.empty_lines)));
  }
}

/** A source followed by null. */
async function* withEnd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | null> {
  yield* source;
  yield null;
}

/** Resolves to the error, if there is one, once the parser has consumed the chunk. @param chunk Null for the end. */
function parseChunk(parser: Parser, chunk: Uint8Array | null): Promise<CsvError | null> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      if (error && !(error instanceof CsvError)) reject(error);
      else resolve(error ?? null);
    };
    parser.once('error', done);
    const consumed = (error?: Error | null) => {
      // After an error the parser emits it as well.
      if (error) return;
      parser.off('error', done);
      done();
    };
    if (chunk === null) parser.end(consumed);
    else parser.write(chunk, consumed);
  });
}

function syntaxError(cause: CsvError, line: number): CsvSyntaxError {
  const endLine = Number(cause.lines);
  // A record that is too long and spans lines contains a quote that was never closed.
  if (cause.code === 'CSV_MAX_RECORD_SIZE' && endLine === line)
    return new CsvSyntaxError(line, `is longer than ${MAX_RECORD_BYTES} bytes`, { cause });
  const field = Number(cause.index) + 1;
  return new CsvSyntaxError(line, `has a quote in field ${field} that does not enclose the field`, {
    cause,
    remedy: 'Put the field into double quotes, and write a quote inside it twice: 5" pipe is "5"" pipe".',
  });
}
