/** The one account of a MySQL that is started here. Its password is generated once and stored only in its data directory. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hasCode } from './setup-error.ts';

export const DATABASE = 'retail';
export const USER = 'retail';

/** Returns the password in a file, generating it if missing, from characters that need no quoting in SQL. */
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

/** Writes a file that only its user can read. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}
