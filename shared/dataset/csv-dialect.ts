import { parse } from 'csv-parse/sync';

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
    const [first] = parse(text, {
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
