import { expect, it } from 'vitest';
import type { Proof } from '../../../../web/answers.ts';
import type { Answer } from '../../../../web/stream/api.ts';
import { createProofReader } from '../../../../web/stream/pipeline.ts';

const WHOLE: Proof = {
  run_id: 'run',
  accepted_days: 1,
  verified_days: 1,
  published: 100,
  stored: 100,
  distinct: 100,
  under_way: 0,
  lost: 0,
  doubled: 0,
};

/** Proofs that are answered by hand, and the state of the run. */
function stage() {
  const answers: ((answer: Partial<Proof>) => void)[] = [];
  const read = () =>
    new Promise<Answer<Proof>>((resolve) => {
      answers.push((answer) => resolve({ body: { ...WHOLE, ...answer } }));
    });
  const run = { runId: 'run', moved: 'day 1, 40 stored' };
  return { answers, run, reader: createProofReader(read, () => ({ ...run })) };
}

it('parts of the page that ask at once, or about an unchanged run, share one proof', async () => {
  const { answers, reader } = stage();
  const both = [reader.read(), reader.read()];
  answers[0]?.({ stored: 40 });
  const [one, other] = await Promise.all(both);
  expect(one).toEqual(other);
  expect((await reader.read()).proof?.stored).toBe(40);
  expect(answers).toHaveLength(1);
});

it('a proof that isn’t whole yet is read again', async () => {
  const { answers, reader } = stage();
  const first = reader.read();
  answers[0]?.({ verified_days: 0 });
  await first;
  void reader.read();
  expect(answers).toHaveLength(2);
});

it('a slow proof of an earlier state doesn’t replace that of a later one', async () => {
  const { answers, run, reader } = stage();
  const slow = reader.read();
  run.moved = 'day 1, 100 stored';
  const quick = reader.read();
  answers[1]?.({ stored: 100 });
  await quick;
  answers[0]?.({ stored: 40 });
  expect((await slow).proof?.stored).toBe(100);
  expect(reader.known.value.proof?.stored).toBe(100);
});

it('the proof of a run that has been reset meanwhile is not shown', async () => {
  const { answers, run, reader } = stage();
  const asked = reader.read();
  run.runId = 'another run';
  answers[0]?.({ stored: 0 });
  expect((await asked).proof).toBeNull();
  expect(reader.known.value.proof).toBeNull();
});
