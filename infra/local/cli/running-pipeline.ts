import * as z from 'zod';
import type { Diagnostic } from '../servers/diagnostics.ts';

/** What deep health answers, whether it is well or not. */
const health = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  pipeline: z
    .object({
      status: z.enum(['ok', 'stalled']),
      accepted_day: z.int().nullable(),
      stored_day: z.int().nullable(),
      stalled_for_seconds: z.int(),
      step: z.string().nullable(),
    })
    .optional(),
});

const NAMES: Readonly<Record<string, string>> = {
  producer: 'the producer',
  consumer: 'the consumer',
  kafka: 'Kafka',
  mysql: 'MySQL',
  dynamodb: 'DynamoDB',
};

const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks a running host whether what was accepted is being stored.
 *
 * @param url Any address of the host.
 */
export async function pipelineDiagnostic(url: string): Promise<Diagnostic> {
  const response = await fetch(new URL('/health?deep=1', url), {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const { code, detail, pipeline } = health.parse(await response.json());
  if (code !== undefined)
    return { state: 'missing', text: `Health: ${detail ?? code}`, remedy: remedyFor(code) };
  if (!pipeline || pipeline.accepted_day === null)
    return { state: 'good', text: 'Pipeline: no day was accepted yet' };
  const { accepted_day: accepted, stored_day: stored, step, stalled_for_seconds: seconds } = pipeline;
  const days = `day ${accepted + 1} is accepted, ${stored === null ? 'none' : `day ${stored + 1}`} is stored`;
  if (step === null) return { state: 'good', text: `Pipeline: ${days}` };
  return { state: 'note', text: `Pipeline: ${days}; waiting for ${NAMES[step] ?? step} for ${seconds} s` };
}

function remedyFor(code: string): string {
  if (code === 'undecodable_messages')
    return 'npm run dead-letters -- list shows them; npm run dead-letters -- dismiss takes note of them';
  if (code === 'pipeline_stalled')
    return 'the log in the terminal of npm start says why; nothing is lost, and a restart continues where it stopped';
  return 'the log in the terminal of npm start says why; see docs/troubleshooting.md';
}
