import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { FakeDockerBehaviour } from './fake-docker.ts';

const callsFile = z.object({
  word: z.string(),
  args: z.array(z.string()),
  variables: z.record(z.string(), z.string()),
});
export type DockerCall = z.infer<typeof callsFile>;

export interface FakeDocker {
  /** Changes what it answers from now on. */
  behave(behaviour: Partial<Omit<FakeDockerBehaviour, 'calls'>>): void;
  /** What it was asked since the last look. */
  calls(): DockerCall[];
}

const SCRIPT = fileURLToPath(new URL('./fake-docker.ts', import.meta.url));

/** Puts a `docker` that only answers into a folder, and that folder before all others of this process's PATH. */
export function installFakeDocker(folder: string): FakeDocker {
  mkdirSync(folder, { recursive: true });
  const [file, calls, program] = [
    join(folder, 'behaviour.json'),
    join(folder, 'calls'),
    join(folder, 'docker'),
  ];
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${SCRIPT}" "${file}" "$@"\n`);
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
  const behave: FakeDocker['behave'] = (behaviour) => {
    const usual = { engine: '28.2.2', compose: '2.36.2', failures: {}, upstream: {} };
    writeFileSync(file, JSON.stringify({ calls, ...usual, ...behaviour }));
  };
  behave({});
  return {
    behave,
    calls() {
      const lines = existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').filter(Boolean) : [];
      writeFileSync(calls, '');
      return lines.map((line) => callsFile.parse(JSON.parse(line)));
    },
  };
}
