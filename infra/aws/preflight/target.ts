import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadSharedConfigFiles } from '@smithy/core/config';
import * as z from 'zod';
import { readStage, type Stage } from '../stage.ts';

/** Region and credentials of a deployment, found where the CDK's command line looks for them. */

type Environment = Readonly<Record<string, string | undefined>>;

/** In the CDK's order. AWS's SDK reads only the first. */
const REGION_VARIABLES = ['AWS_REGION', 'AMAZON_REGION', 'AWS_DEFAULT_REGION', 'AMAZON_DEFAULT_REGION'];

export interface AwsRegion {
  readonly name: string;
  /** Where it comes from: a variable or a profile. */
  readonly source: string;
}

/** The part of every client's configuration that decides where a request goes and who sends it. */
export interface ClientTarget {
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/**
 * Finds the region as the CDK does: in the environment, else in the files of the AWS command line. Unlike the CDK it doesn't assume
 * `us-east-1`: undefined if none is set.
 */
export async function findRegion(environment: Environment = process.env): Promise<AwsRegion | undefined> {
  for (const variable of REGION_VARIABLES) {
    const name = environment[variable];
    if (name) return { name, source: variable };
  }
  const { credentialsFile, configFile } = await loadSharedConfigFiles({ ignoreCache: true });
  for (const profile of [profileOf(environment) ?? 'default', 'default']) {
    const name = credentialsFile[profile]?.region ?? configFile[profile]?.region;
    if (name) return { name, source: `profile ${profile}` };
  }
  return undefined;
}

function profileOf(environment: Environment): string | undefined {
  return environment.AWS_PROFILE || environment.AWS_DEFAULT_PROFILE || undefined;
}

/** Keys in the environment win over a profile, as with the CDK. AWS's SDK prefers the profile. */
export function clientTarget(region: string, environment: Environment = process.env): ClientTarget {
  const accessKeyId = environment.AWS_ACCESS_KEY_ID;
  const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY;
  const sessionToken = environment.AWS_SESSION_TOKEN;
  if (accessKeyId && secretAccessKey) {
    return {
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    };
  }
  const profile = profileOf(environment);
  return { region, ...(profile ? { profile } : {}) };
}

const context = z.record(z.string(), z.unknown());
const cdkJson = z.object({ context: context.default({}) });

/**
 * Reads a stage from the files in which the CDK's command line looks for context: `cdk.json`, and `cdk.context.json`, which wins.
 *
 * @throws StageError naming what is missing or invalid.
 */
export async function readStageOfProject(folder: string, stage: string): Promise<Stage> {
  const settings = cdkJson.parse(JSON.parse(await readFile(path.join(folder, 'cdk.json'), 'utf8')));
  const more = await readFile(path.join(folder, 'cdk.context.json'), 'utf8').catch(() => '{}');
  const merged: Record<string, unknown> = { ...settings.context, ...context.parse(JSON.parse(more)), stage };
  return readStage((key) => merged[key]);
}
