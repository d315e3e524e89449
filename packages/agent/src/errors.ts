/** Codes of the agent; `ExtensionEventError` carries them, over the socket too. */
export const agentErrorCodes = {
  EE_AGENT_START: 'The agent thread could not be started.',
  EE_LISTEN_SLOTS: 'All recorded listens of this process are taken.',
  EE_LISTEN_UNKNOWN: 'The connection has no such listen.',
  EE_THREAD_UNKNOWN: 'The process has no such thread, or it has ended.',
  EE_THREAD_NOT_HELD: 'The request needs a thread that is held.',
  EE_EXPRESSION_TIMEOUT: 'An expression ran too long in the thread and was stopped.',
  EE_STOP_SHARED: 'Another debugger holds the same stop and came first.',
  EE_PRODUCER_LOAD: 'A producer could not be loaded into the process.',
  EE_AGENT_FAULT: 'The agent made a mistake; the traced program goes on.',
  EE_HELLO_NEEDED: 'The first frame of a connection must be hello.',
} as const;
