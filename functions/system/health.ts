import { HttpProblem } from '../../shared/api/errors.ts';
import type { Dependencies, PipelineHealth, Probe } from '../../shared/api/system.ts';
import { withDeadline } from '../../shared/deadline.ts';

/** How each dependency is probed. */
export type Probes = Readonly<Record<keyof Dependencies, () => Promise<unknown>>>;

/** What deep health looks at. */
export interface HealthSources {
  readonly probes: Probes;
  /** Judges the pipeline's progress. Its position counts as unreadable after `withinMs`. Never rejects. */
  readonly pipeline: (dependencies: Promise<Dependencies>, withinMs: number) => Promise<PipelineHealth>;
  /** Counts dead letters of batches that could not be decoded, until they are replayed or dismissed. */
  readonly undecodable: () => Promise<number>;
}

/**
 * Probes all dependencies concurrently and judges what moves between them.
 *
 * @param withinMs A dependency that takes longer counts as down.
 * @throws HttpProblem with the result of every probe: `dependency_unavailable` if one is down, `pipeline_stalled` if accepted
 *   days aren't being stored, `undecodable_messages` if some haven't been dismissed.
 */
export async function probeDeeply(
  { probes, pipeline: judge, undecodable: count }: HealthSources,
  withinMs: number,
): Promise<{ dependencies: Dependencies; pipeline: PipelineHealth }> {
  const probing = probeAll(probes, withinMs);
  const [dependencies, pipeline, undecodable] = await Promise.all([
    probing,
    judge(probing, withinMs),
    // Unknown while MySQL is down, which its probe reports.
    withDeadline(withinMs, count(), () => new NoAnswer(withinMs)).catch(() => 0),
  ]);
  const details = {
    extensions: { service: 'api', dependencies, pipeline },
    headers: { 'retry-after': '5' },
  };
  const down = Object.entries(dependencies).filter(([, { status }]) => status === 'down');
  if (down.length > 0)
    throw new HttpProblem(
      'dependency_unavailable',
      `Down: ${down.map(([name]) => name).join(', ')}.`,
      details,
    );
  if (pipeline.status === 'stalled') throw new HttpProblem('pipeline_stalled', stalled(pipeline), details);
  if (undecodable > 0)
    throw new HttpProblem(
      'undecodable_messages',
      `${undecodable} messages could not be decoded and were kept: npm run dead-letters -- list shows them.`,
      details,
    );
  return { dependencies, pipeline };
}

function stalled({ step, stalled_for_seconds: seconds }: PipelineHealth): string {
  return `Nothing has moved for ${seconds} s, and accepted days wait for: ${step}. They are not lost; docs/operations.md names remedies.`;
}

async function probeAll(probes: Probes, withinMs: number): Promise<Dependencies> {
  const [mysql, dynamodb, kafka] = await Promise.all([
    ask(probes.mysql, withinMs),
    ask(probes.dynamodb, withinMs),
    ask(probes.kafka, withinMs),
  ]);
  return { mysql, dynamodb, kafka };
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
