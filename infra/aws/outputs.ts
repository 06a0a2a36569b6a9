import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { PROJECT } from './stacks/system-stack.ts';

/** What a deployment tells. */
export interface Outputs {
  /** Where data sets are put. */
  readonly bucket: string;
  /** `https://…`, without a slash at its end. */
  readonly url: string;
  /** ARN of the secret with the API token. */
  readonly apiTokenSecret: string;
}

const outputsFile = z.record(z.string(), z.unknown());
const dataOutputs = z.object({ BucketName: z.string() });
const storageOutputs = z.object({ ApiTokenSecret: z.string() });
const edgeOutputs = z.object({ Url: z.url() });

/**
 * Reads what `cdk deploy --outputs-file` wrote.
 *
 * @throws Error if the stage was not deployed from this checkout.
 */
export async function outputsOf(stage: string, file: string): Promise<Outputs> {
  try {
    const stacks = outputsFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const { BucketName: bucket } = dataOutputs.parse(stacks[`${PROJECT}-${stage}-data`]);
    const { Url: url } = edgeOutputs.parse(stacks[`${PROJECT}-${stage}-edge`]);
    const { ApiTokenSecret: apiTokenSecret } = storageOutputs.parse(stacks[`${PROJECT}-${stage}-storage`]);
    return { bucket, url, apiTokenSecret };
  } catch (cause) {
    throw new Error(
      `${file} doesn't hold the outputs of the stage ${stage}: run npm run deploy -- --stage ${stage}.`,
      {
        cause,
      },
    );
  }
}
