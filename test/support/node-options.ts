/**
 * The options of Node that `npm start` (in package.json) and the tests run a host with. V8 sizes a heap by the memory of the machine:
 * two halves of 32 MB for young objects, and fourfold growth before old ones are collected, so that the host takes 230 MB for the
 * 40 MB that it needs. Young objects of the host's own thread get two halves of 4 MB, and heaps grow by half. Each function's
 * thread has a limit of its own for young objects (`localYoungMb` in `infra/system.ts`).
 */
export const NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=50'];

/**
 * The areas that glibc's `malloc` divides a process into: by default eight for each processor. Threads that contend for `malloc` take
 * one each and keep what they have freed there. With two the host takes 40 to 100 MB less.
 */
export const MALLOC_ARENAS = '2';

/**
 * Free bytes that may stay at the end of an area before `malloc` returns them to the system. Unless it is set, glibc raises it to twice the
 * largest block that was freed, up to 64 MB, and never lowers it: after a batch of Kafka or a page of a stream the host would keep that much.
 * Once it is set, each block of 128 KB or more is mapped by itself, which costs page faults.
 */
export const MALLOC_TRIM_BYTES = '131072';
