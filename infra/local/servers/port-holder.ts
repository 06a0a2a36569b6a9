import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { runCommand } from './command.ts';
import { SetupError } from './setup-error.ts';

export interface PortHolder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/** TCP_LISTEN of the kernel's include/net/tcp_states.h, as /proc/net/tcp writes it. */
const LISTEN = '0A';

/** The process that listens on a TCP port of this machine; null if none does or another user's does. */
export async function findPortHolder(port: number): Promise<PortHolder | null> {
  return process.platform === 'linux' ? holderOnLinux(port) : holderByLsof(port);
}

/** Says in one sentence that the port is taken, by whom, and what to do. */
export async function portTakenError(port: number, remedy: string): Promise<SetupError> {
  const holder = await findPortHolder(port);
  const who = holder === null ? 'a process of another user' : `${holder.command} (process ${holder.pid})`;
  return new SetupError(`Port ${port} is taken by ${who}: ${remedy}`);
}

function holderOnLinux(port: number): PortHolder | null {
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningSockets(table, port)),
  );
  if (sockets.size === 0) return null;
  const pid = listOf('/proc').find((name) => /^\d+$/.test(name) && holdsSocket(name, sockets));
  return pid === undefined ? null : { pid: Number(pid), command: commandOf(pid) };
}

/** The sockets listening on a port, as the links in `/proc/<pid>/fd` call them. Columns: proc_pid_net(5). */
function listeningSockets(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = (readText(table) ?? '').split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTEN && local?.endsWith(`:${wanted}`) ? [`socket:[${inode}]`] : [];
  });
}

function holdsSocket(pid: string, sockets: ReadonlySet<string>): boolean {
  return listOf(`/proc/${pid}/fd`).some((fd) => {
    try {
      return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  });
}

function commandOf(pid: string): string {
  const line = (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return shorten(line === '' ? (readText(`/proc/${pid}/comm`) ?? '').trim() : line);
}

/** `-F` makes lsof write one field a line, each begun by its letter: p for the pid, c for the command. */
async function holderByLsof(port: number): Promise<PortHolder | null> {
  const { output } = await runCommand('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid === undefined ? null : { pid: Number(pid), command: shorten(command ?? 'a process') };
}

function shorten(command: string): string {
  return command.length > 80 ? `${command.slice(0, 79)}…` : command;
}

/** Empty where the folder can't be read: the process has ended or is another user's. */
function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
