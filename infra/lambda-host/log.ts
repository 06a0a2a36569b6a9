export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
export type LogFields = Readonly<Record<string, unknown>>;

/** The log of the host and of the functions it runs. */
export interface HostLog {
  /** Logs an event of the host itself. */
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** A line that a function wrote to its stdout or stderr: mostly a JSON object of its logger. */
  functionLine(functionName: string, line: string): void;
}
