import { readdir, readFile, readlink } from 'node:fs/promises';

/** What a process holds, according to the operating system. */
export interface ProcessFigures {
  readonly rssMb: number;
  readonly descriptors: number;
  /** Client connections to the process's own port. */
  readonly clients: number;
  /** Connections to each of the given ports. */
  readonly connections: readonly number[];
}

const MB = 1024;

/**
 * Reads what a local process holds. Linux only: other systems need tools for this.
 *
 * @param ownPort Port whose client connections are counted.
 * @param ports Remote ports whose connections are counted.
 */
export async function processFigures(
  pid: number,
  ownPort: number,
  ports: readonly number[],
): Promise<ProcessFigures> {
  const [status, links, sockets] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    descriptorsOf(pid),
    socketsOf(pid),
  ]);
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const open = sockets.filter(({ inode }) => own.has(inode));
  return {
    rssMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / MB,
    descriptors: links.length,
    clients: open.filter(({ localPort }) => localPort === ownPort).length,
    connections: ports.map((port) => open.filter(({ remotePort }) => remotePort === port).length),
  };
}

async function descriptorsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    // A descriptor may be closed between the two calls.
    (await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => null)),
  );
  return links.filter((link) => link !== null);
}

interface Socket {
  readonly localPort: number;
  readonly remotePort: number;
  readonly inode: string;
}

/** Established TCP connections in the process's network namespace, in both directions. See proc(5), /proc/net/tcp. */
async function socketsOf(pid: number): Promise<Socket[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === '01')
      .map(([, local = '', remote = '', , , , , , , inode = '']) => ({
        localPort: Number.parseInt(local.split(':')[1] ?? '', 16),
        remotePort: Number.parseInt(remote.split(':')[1] ?? '', 16),
        inode,
      })),
  );
}
