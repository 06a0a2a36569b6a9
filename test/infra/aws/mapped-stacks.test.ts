import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const MAPPED = `await import('${pathToFileURL('infra/aws/mapped-stacks.ts').href}');`;

/** The first line of a stack, from a separate process. @param before What that process runs first. */
async function headOf(make: string, before = ''): Promise<string> {
  const print = `const error = await (async () => { ${make} })(); console.log(error.stack.split('\\n')[0]);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', before + print]);
  return stdout.trim();
}

const captured = (object: string) => `const error = ${object}; Error.captureStackTrace(error); return error;`;

describe('the head of a stack in a bundle', () => {
  test.each([
    ['an error', "return new TypeError('no such day');", 'TypeError: no such day'],
    ['an error without a message', 'return new RangeError();', 'RangeError'],
    [
      'an error with its own toString',
      "class Own extends Error { toString() { return 'own'; } } return new Own('text');",
      'Error: text',
    ],
    [
      'an error of zod',
      "const { z } = await import('zod'); return z.string().safeParse(1).error;",
      'ZodError: [',
    ],
    ['an object without a prototype', captured('Object.create(null)'), 'Error'],
  ])('a bundle writes the head of the stack as Node does for %s', async (_, make, head) => {
    const heads = await Promise.all([headOf(make), headOf(make, MAPPED)]);
    expect(heads).toEqual([head, head]);
  });

  test('a bundle writes the head of a stack even where Node fails to', async () => {
    const make = captured("{ get message() { throw new Error('no'); } }");
    await expect(headOf(make)).rejects.toThrow(/get message/);
    expect(await headOf(make, MAPPED)).toBe('Error');
  });
});
