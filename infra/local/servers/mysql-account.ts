/** The one account of a MySQL that is started here: its password is made once and known to its data directory alone. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hasCode } from './setup-error.ts';

export const DATABASE = 'retail';
export const USER = 'retail';

/** The password in a file, which is made where there is none, of characters that need no quoting in SQL. */
export async function ownPassword(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const password = randomBytes(24).toString('base64url');
  await writePrivate(path, password);
  return password;
}

/** Writes a file that its user alone can read. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}
