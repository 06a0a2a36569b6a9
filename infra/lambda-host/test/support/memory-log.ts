import type { HostLog, LogLevel } from '../../log.ts';

/** A log that keeps its lines in memory. */
export interface MemoryLog extends HostLog {
  readonly entries: { readonly level: LogLevel; readonly message: string; readonly fields: unknown }[];
  readonly lines: { readonly functionName: string; readonly line: string }[];
}

/** Creates an empty one. */
export function memoryLog(): MemoryLog {
  const entries: MemoryLog['entries'] = [];
  const lines: MemoryLog['lines'] = [];
  return {
    entries,
    lines,
    write: (level, message, fields) => void entries.push({ level, message, fields }),
    functionLine: (functionName, line) => void lines.push({ functionName, line }),
  };
}
