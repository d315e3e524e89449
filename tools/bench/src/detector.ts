import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ProducerSource } from '@extension-events/session';

const injectFile = createRequire(import.meta.url).resolve(
  '@extension-events/producer-hot-spot/inject',
);

/** The hot-spot producer, as it is loaded into a process. */
export const detector: ProducerSource = {
  id: 'hot-spot',
  injectUrl: pathToFileURL(injectFile).href,
};
