/**
 * Loaded into the host's process by `--import`: writes a CPU profile of each thread every two seconds. Node's own
 * `--cpu-prof` writes a profile at the end of a thread, and none where the thread is terminated, as the host's workers are.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';
import * as z from 'zod';

const WRITE_EVERY_MS = 2_000;

const folder = z
  .string()
  .min(1)
  .parse(new URL(import.meta.url).searchParams.get('directory'));

const answer = z.object({
  id: z.int(),
  result: z.looseObject({ profile: z.unknown().optional() }).optional(),
});

/** Sends an inspector command to a thread. */
type Post = (id: number, method: string) => void;

const session = new Session();
session.connect();
const workers = new Map<string, { name: string; post: Post }>();
let lastId = 0;

function begin(post: Post): void {
  post(++lastId, 'Profiler.enable');
  post(++lastId, 'Profiler.start');
}

function write(name: string, profile: unknown): void {
  writeFileSync(path.join(folder, `${name}-${++lastId}.cpuprofile`), JSON.stringify(profile));
}

session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
  const post: Post = (id, method) =>
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method }) });
  // The host names its workers after their functions.
  workers.set(sessionId, {
    name: /\[worker \d+\] ?(.*)$/.exec(workerInfo.title)?.[1] || workerInfo.title,
    post,
  });
  begin(post);
});
session.on('NodeWorker.detachedFromWorker', ({ params }) => workers.delete(params.sessionId));
session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
  const { result } = answer.catch({ id: 0 }).parse(JSON.parse(message));
  if (result?.profile !== undefined) write(workers.get(sessionId)?.name ?? 'worker', result.profile);
});

session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
begin((_id, method) => session.post(method));
setInterval(() => {
  session.post('Profiler.stop', (_error, { profile }) => write('host', profile));
  session.post('Profiler.start');
  for (const { post } of workers.values()) {
    post(++lastId, 'Profiler.stop');
    post(++lastId, 'Profiler.start');
  }
}, WRITE_EVERY_MS).unref();
