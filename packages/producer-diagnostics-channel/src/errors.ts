/** Codes of this package. They are permanent; compare `error.code`, never the class. */
export const channelErrorCodes = {
  EE_CHANNEL_NAME: 'The name is not one of a channel.',
  EE_CHANNEL_SYMBOL: 'No symbol channel of this thread has this number yet.',
  EE_CHANNEL_LIMIT: 'The thread has as many channels as event types as it may.',
  EE_CHANNEL_PREFIX: 'The prefix would not tell channels of events from others.',
} as const;
