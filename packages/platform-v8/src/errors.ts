/** Codes that `platform-v8` throws. They are permanent; compare `error.code`, never the class. */
export const platformV8ErrorCodes = {
  EE_V8_CONNECT: 'The inspector websocket could not be opened.',
  EE_V8_TIMEOUT: 'The inspector did not answer in time.',
  EE_V8_CLOSED: 'The inspector session closed before it answered.',
  EE_V8_COMMAND: 'The inspector refused a command.',
  EE_V8_EVALUATE: 'An expression that we evaluated in the thread threw.',
  EE_V8_NOT_A_WORKER: 'A session with the main thread was asked for outside a worker thread.',
} as const;
