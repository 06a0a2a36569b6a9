/** The command itself, in a process of its own, with recorded answers of AWS and a `cdk` that only records how it was run. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type AwsStandIn, startAws } from './aws-stand-in.ts';
import { readyAnswers } from './recorded.ts';

let aws: AwsStandIn;
let answers: Map<string, Answer>;
let folder: string;

beforeEach(async () => {
  answers = readyAnswers();
  aws = await startAws(({ operation }) => answers.get(operation));
  folder = await mkdtemp(path.join(tmpdir(), 'deploy-'));
  const cdk = path.join(folder, 'cdk');
  await writeFile(cdk, `#!/bin/sh\necho "$AWS_REGION $*" > ${folder}/ran\nexit 3\n`);
  await chmod(cdk, 0o755);
});

afterEach(async () => {
  aws.close();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
  /** Region and arguments of `cdk`, if it was run. */
  readonly cdk: string | undefined;
}

async function deploy(...args: string[]): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|AMAZON)_/.test(name));
  const env = {
    ...Object.fromEntries(own),
    PATH: `${folder}:${process.env.PATH}`,
    AWS_ENDPOINT_URL: aws.url,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const ended = await new Promise<Omit<Ended, 'cdk'>>((resolve) => {
    execFile(process.execPath, ['infra/aws/commands/deploy.ts', ...args], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    );
  });
  const cdk = await readFile(path.join(folder, 'ran'), 'utf8').catch(() => undefined);
  return { ...ended, cdk };
}

describe('npm run deploy -- --check', () => {
  it('a passed check prints a line per check, ends with 0 and deploys nothing', async () => {
    const { code, output, cdk } = await deploy('--check');
    expect(output).toMatch(/^ok {2}bootstrap .* version 30$/m);
    expect(output).toMatch(/All checks passed\.$/m);
    expect({ code, cdk }).toEqual({ code: 0, cdk: undefined });
  });

  it('a refused check ends with 1 and prints the remedy', async () => {
    answers.delete('sts.GetCallerIdentity');
    const { code, output, errors } = await deploy('--check');
    expect(output).toMatch(/^!! {2}credentials/m);
    expect(output).toMatch(/→ .*aws sso login/);
    expect(errors).toContain("The stage dev can't be deployed.");
    expect(code).toBe(1);
  });
});

describe('npm run deploy', () => {
  it('a refused check stops the deployment before it begins', async () => {
    answers.delete('sts.GetCallerIdentity');
    const { code, cdk } = await deploy();
    expect({ code, cdk }).toEqual({ code: 1, cdk: undefined });
  });

  it('the CDK deploys to the region that was checked', async () => {
    const { code, cdk, errors } = await deploy('--approval', 'never');
    expect(cdk).toMatch(/^us-east-1 deploy --all -c stage=dev .*--require-approval never/);
    expect(errors).toContain('cdk deploy exited with 3');
    expect(code).toBe(1);
  });

  it('--skip-checks deploys without asking AWS', async () => {
    const { cdk } = await deploy('--skip-checks');
    expect(cdk).toMatch(/deploy --all -c stage=dev/);
    expect(aws.asked).toEqual([]);
  });
});
