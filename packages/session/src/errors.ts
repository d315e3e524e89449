import { attachErrorCodes } from './attach/index.ts';
import { hostErrorCodes } from './host/errors.ts';

/** Codes of the consumer side; `ExtensionEventError` carries them. */
export const sessionErrorCodes: Readonly<Record<string, string>> = {
  ...attachErrorCodes,
  ...hostErrorCodes,
  EE_CONNECTION_LOST: 'The connection to the process ended before it answered.',
  EE_AGENT_SILENT: 'The agent of the process did not answer in time.',
};
