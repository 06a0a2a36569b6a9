import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** A small JSON file that holds how far a source has come. One that is lost means records delivered again, never lost. */
export interface Checkpoint<State> {
  /** What was saved last; null if nothing, or nothing readable, is there. */
  load(): Promise<State | null>;
  /** Replaces the file as a whole. Of saves that come faster than the disk only the newest is written. */
  save(state: State): void;
  /** Resolves when what was saved is on disk. */
  flush(): Promise<void>;
}

/** @param onFailure Told of a save that failed: the source may go on. */
export function openCheckpoint<State>(
  path: string,
  schema: z.ZodType<State>,
  onFailure: (error: unknown) => void,
): Checkpoint<State> {
  let next: State | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (next !== undefined) {
      const state = next;
      next = undefined;
      await replaceFile(path, JSON.stringify(state)).catch(onFailure);
    }
    writing = undefined;
  }

  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const parsed = schema.safeParse(parseJson(text));
      return parsed.success ? parsed.data : null;
    },
    save(state) {
      next = state;
      writing ??= write();
    },
    flush: async () => writing,
  };
}

/** A reader sees the old file or the new one, never a part of it. */
async function replaceFile(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
