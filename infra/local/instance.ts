import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { serverAddressesSchema } from './servers/addresses.ts';
import { acquireLock, readLock, releaseLock, updateLock } from './servers/lock.ts';
import { SetupError } from './servers/setup-error.ts';

const INSTANCE_FILE = fileURLToPath(new URL('../../.local/instance.json', import.meta.url));

const instanceSchema = z.object({
  pid: z.number().int().positive(),
  startedAt: z.iso.datetime(),
  /** Set once it handles requests. */
  serving: z
    .object({
      port: z.number().int(),
      /** Of the live page. */
      url: z.url(),
      servers: serverAddressesSchema,
    })
    .nullable(),
});

/** The local host that runs in this clone. Contains a password: never log all of it. */
export type Instance = z.infer<typeof instanceSchema>;
export type Serving = NonNullable<Instance['serving']>;

/** A host already runs in this clone. Not a failure: the message has its address. */
export class AlreadyRunningError extends SetupError {
  readonly instance: Instance | null;

  constructor(pid: number, instance: Instance | null) {
    const where = instance?.serving ? `open ${instance.serving.url}` : 'it is still starting';
    super(
      `Retail Time Machine already runs in this folder (process ${pid}): ${where}, or end it with Ctrl-C in its terminal.`,
    );
    this.name = 'AlreadyRunningError';
    this.instance = instance;
  }
}

export interface InstanceLock {
  /** Publishes the host's and servers' addresses for other commands of this clone. */
  announce(serving: Serving): void;
  /** Releases the clone when everything has stopped. After a SIGKILL the next start takes it over. */
  release(): void;
}

/**
 * Makes this process the clone's only host. Exactly one of several simultaneous attempts succeeds.
 *
 * @throws AlreadyRunningError with the address of the running host.
 */
export function lockInstance(file: string = INSTANCE_FILE): InstanceLock {
  const startedAt = new Date().toISOString();
  const attempt = acquireLock(file, { startedAt, serving: null });
  if (!attempt.taken) throw new AlreadyRunningError(attempt.holder.pid, readInstance(file));
  return {
    announce: (serving) => updateLock(file, { startedAt, serving }),
    release: () => releaseLock(file),
  };
}

/** Returns the host that runs in this clone, or null. */
export function readInstance(file: string = INSTANCE_FILE): Instance | null {
  const text = readLock(file);
  return text === null ? null : instanceSchema.parse(JSON.parse(text));
}

/**
 * Returns the addresses of the host that runs in this clone, for commands that use its data.
 *
 * @throws SetupError if none runs.
 */
export function requireServing(file: string = INSTANCE_FILE): Serving {
  const instance = readInstance(file);
  if (instance === null) {
    throw new SetupError(
      'Retail Time Machine does not run in this folder: run npm start first, in another terminal.',
    );
  }
  if (instance.serving === null) {
    throw new SetupError('Retail Time Machine is still starting: run the command again when it is ready.');
  }
  return instance.serving;
}
