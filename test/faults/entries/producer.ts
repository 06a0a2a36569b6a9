import { produce } from '../../../functions/producer/produce.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { connectPublication, publisherSettings } from '../../../shared/publication/dependencies.ts';
import type { PublicationDependencies } from '../../../shared/publication/publication.ts';
import { readSettings } from '../../../shared/settings.ts';
import { reach } from './reach.ts';

const log = createLogger('producer');
const real = connectPublication(readSettings(publisherSettings), 'producer', log);

const dependencies: PublicationDependencies = {
  ...real,
  async publishDay(day) {
    await reach('publish');
    await real.publishDay(day);
    await reach('published');
  },
  store: {
    ...real.store,
    async raisePublishedIndex(runId, dayIndex) {
      await reach('published_index');
      await real.store.raisePublishedIndex(runId, dayIndex);
    },
  },
};

/** The producer with its fault points. */
export async function handler(event: unknown): Promise<void> {
  const verdict = await reach('record');
  if (verdict === 'lost') return;
  await produce(dependencies, log, event);
  if (verdict === 'twice') await produce(dependencies, log, event);
}
