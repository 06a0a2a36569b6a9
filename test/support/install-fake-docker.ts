import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FakeDockerBehaviour {
  readonly engine?: string;
  readonly compose?: string;
  /** Output of a failing call, by command word. */
  readonly failures?: Readonly<Record<string, string>>;
  /** What a call prints before it does its work, by its word. */
  readonly output?: Readonly<Record<string, string>>;
  /** Ports that the containers lead to, by the variable that holds the published one. */
  readonly upstream?: Readonly<Record<string, number>>;
}

export interface DockerCall {
  /** The call: `version`, `compose-version`, `pull`, `up`, `stop`, `down`; SIGTERM to what `up` runs. */
  readonly word: string;
  readonly args: string;
  /** The published ports of Kafka, MySQL and DynamoDB, and MySQL's password. */
  readonly variables: string;
}

export interface FakeDocker {
  /** Sets its answers. */
  behave(behaviour: FakeDockerBehaviour): void;
  /** Calls since the last read. */
  calls(): DockerCall[];
}

const SCRIPT = fileURLToPath(new URL('./fake-docker/docker.sh', import.meta.url));

/** Puts a fake `docker` into a folder and that folder first on this process's PATH. */
export function installFakeDocker(bin: string): FakeDocker {
  const folder = join(bin, 'behaviour');
  mkdirSync(folder, { recursive: true });
  const program = join(bin, 'docker');
  writeFileSync(program, `#!/bin/sh\nexec sh "${SCRIPT}" "${folder}" "${process.execPath}" "$@"\n`);
  chmodSync(program, 0o755);
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  let failing: string[] = [];
  let printing: string[] = [];
  return {
    behave({ engine = '28.2.2', compose = '2.36.2', failures = {}, output = {}, upstream = {} }) {
      for (const word of printing) rmSync(join(folder, `print-${word}`));
      printing = Object.keys(output);
      for (const [word, text] of Object.entries(output)) write(`print-${word}`, `${text}\n`);
      for (const word of failing) rmSync(join(folder, `fail-${word}`));
      failing = Object.keys(failures);
      for (const [word, said] of Object.entries(failures)) write(`fail-${word}`, `${said}\n`);
      write('engine', `${engine}\n`);
      write('compose', `${compose}\n`);
      write('upstream', JSON.stringify(upstream));
    },
    calls() {
      const file = join(folder, 'calls');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
      write('calls', '');
      return lines.map((line) => {
        const [word = '', args = '', variables = ''] = line.split('\t');
        return { word, args, variables };
      });
    },
  };
}
