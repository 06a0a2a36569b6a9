import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const COMMANDS = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge'];
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** Starting one may take long on a busy machine. */
const STARTS_WITHIN_MS = 180_000;

/** An installed browser, otherwise the one from a package (Linux x64, needs no root). @param options More of its options. */
export async function openBrowser(options: readonly string[] = []): Promise<Browser> {
  const installed = [...onPath(), ...APPLICATIONS].find(isExecutable);
  if (installed !== undefined) {
    return chromium.launch({
      executablePath: installed,
      timeout: STARTS_WITHIN_MS,
      args: [...(isRoot() ? ['--no-sandbox'] : []), ...options],
    });
  }
  return chromium.launch({
    executablePath: await sparticuz.executablePath(),
    timeout: STARTS_WITHIN_MS,
    // In a single process the end of one page would end all.
    args: [
      ...sparticuz.args.filter((arg) => arg !== '--single-process' && !arg.startsWith('--headless')),
      ...options,
    ],
  });
}

function onPath(): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return COMMANDS.flatMap((command) => folders.map((folder) => path.join(folder, command)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
