import { describe, it } from 'vitest';
import { replayRecording } from '../../../support/simulation-replay.ts';
import { freshStore } from '../../../support/stores.ts';

describe('the recorded answers of the original', () => {
  it('the recorded answers of the original are reproduced on DynamoDB as well', async () =>
    replayRecording(await freshStore()));
});
