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
