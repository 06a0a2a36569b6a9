/** Lets the browser save a file that the page made. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Lets the browser save a CSV file. @param name Without its extension. */
export function saveCsv(name: string, text: string): void {
  // With a byte order mark, spreadsheets take it for UTF-8.
  saveFile(`${name}.csv`, new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
}

/** The part of a chart's data that is saved. */
interface ChartFigures {
  readonly labels?: readonly unknown[] | undefined;
  readonly datasets: readonly { readonly label?: string | undefined; readonly data: readonly unknown[] }[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export type CsvValue = string | number | null | undefined;

/** Rows of a table as CSV (RFC 4180): fields quoted where they have to be. */
export function csvOf(rows: readonly (readonly CsvValue[])[]): string {
  return `${rows.map((row) => row.map(fieldOf).join(',')).join('\r\n')}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe: ids come from people's files. */
function fieldOf(cell: CsvValue): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A name that every file system takes: ids come from people's files. */
export function fileName(...parts: readonly string[]): string {
  const names = parts.map((part) => part.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-'));
  return names.filter((name) => name !== '').join('-');
}

/** What a chart shows, as rows: its labels and a column per line, or, for points, one row each. */
export function rowsOfChart({ labels = [], datasets }: ChartFigures): CsvValue[][] {
  const named = datasets.filter(({ label, data }) => label !== '' && data.length > 0);
  if (labels.length > 0) {
    return [
      ['', ...named.map(({ label }) => label)],
      ...labels.map((label, index) => [String(label), ...named.map(({ data }) => plainValue(data[index]))]),
    ];
  }
  return [
    ['series', 'x', 'y'],
    ...named.flatMap(({ label, data }) =>
      data.filter(isPoint).map((point): CsvValue[] => [label, point.x, point.y]),
    ),
  ];
}

function plainValue(value: unknown): CsvValue {
  if (typeof value === 'number') return value;
  return isPoint(value) ? value.y : null;
}

function isPoint(value: unknown): value is Point {
  return typeof value === 'object' && value !== null && 'x' in value && 'y' in value;
}
