export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the host and the functions it runs leave their lines. */
export interface HostLog {
  /** Something that the host itself has to say. */
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** A line that a function wrote to its stdout or stderr: mostly a JSON object of its logger. */
  functionLine(functionName: string, line: string): void;
}
