import { HttpProblem } from '../../shared/api/errors.ts';
import type { Dependencies, Probe } from '../../shared/api/system.ts';
import { withDeadline } from '../../shared/deadline.ts';

/** How each dependency is probed. */
export type Probes = Readonly<Record<keyof Dependencies, () => Promise<unknown>>>;

/**
 * Probes all dependencies concurrently.
 *
 * @param withinMs A dependency that takes longer counts as down.
 * @throws HttpProblem `dependency_unavailable`, with the result of every probe, if one is down.
 */
export async function probeDependencies(probes: Probes, withinMs: number): Promise<Dependencies> {
  const [mysql, dynamodb, kafka] = await Promise.all([
    ask(probes.mysql, withinMs),
    ask(probes.dynamodb, withinMs),
    ask(probes.kafka, withinMs),
  ]);
  const dependencies = { mysql, dynamodb, kafka };
  const down = Object.entries(dependencies).filter(([, { status }]) => status === 'down');
  if (down.length === 0) return dependencies;
  throw new HttpProblem('dependency_unavailable', `Down: ${down.map(([name]) => name).join(', ')}.`, {
    extensions: { service: 'api', dependencies },
    headers: { 'retry-after': '5' },
  });
}

async function ask(probe: () => Promise<unknown>, withinMs: number): Promise<Probe> {
  const startedAt = performance.now();
  const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    await withDeadline(withinMs, probe(), () => new NoAnswer(withinMs));
    return { status: 'up', latency_ms: latency() };
  } catch (error) {
    return { status: 'down', latency_ms: latency(), error: reason(error) };
  }
}

class NoAnswer extends Error {
  constructor(withinMs: number) {
    super(`no answer within ${withinMs} ms`);
    this.name = 'NoAnswer';
  }
}

/** Health is public, and error messages contain hosts and users, so only the code or name is shown. */
function reason(error: unknown): string {
  if (error instanceof NoAnswer) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
