/**
 * Part of every bundle: stack traces name the lines of the sources. With `--enable-source-maps` Node would do that too, but it reads
 * and parses a module's map when it loads the module, which is 8 to 15 ms of processor at every start. Here a map is read for
 * the first stack that goes through its module.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

const BUNDLE = new URL('.', import.meta.url).href;
/** From the bundle's folder to the sources, which stand nowhere near it on AWS. */
const UPWARDS = /^(\.\.\/)+/;

/** By module; null where there is none that can be read: a stack without it is better than none. */
const maps = new Map<string, SourceMap | null>();

function mapOf(module: string): SourceMap | null {
  const known = maps.get(module);
  if (known !== undefined) return known;
  const map = readMap(module);
  maps.set(module, map);
  return map;
}

function readMap(module: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${module}.map`), 'utf8')));
  } catch {
    return null;
  }
}

/** A line of a stack, as V8 writes it but with the place in the sources. */
function stackLine(frame: NodeJS.CallSite): string {
  const text = `    at ${frame}`;
  const [module, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
  if (!module?.startsWith(BUNDLE) || line === null || column === null) return text;
  const origin = mapOf(module)?.findOrigin(line, column);
  if (!origin || !('fileName' in origin)) return text;
  const { fileName, lineNumber, columnNumber } = origin;
  const place = `${fileName.replace(UPWARDS, '')}:${lineNumber}:${columnNumber}`;
  return text.replace(`${module}:${line}:${column}`, () => place);
}

/** As V8 heads a stack, whatever `toString` of its own the error has. */
function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

Error.prepareStackTrace = (error, frames) => [headOf(error), ...frames.map(stackLine)].join('\n');
