/** Codes of the agent; `ExtensionEventError` carries them, over the socket too. */
export const agentErrorCodes = {
  EE_AGENT_START: 'The agent thread could not be started.',
  EE_THREAD_NOT_HELD: 'The request needs a thread that is held.',
  EE_EXPRESSION_TIMEOUT: 'An expression ran too long in the thread and was stopped.',
  EE_STOP_SHARED: 'Another debugger holds the same stop and came first.',
  EE_AGENT_FAULT: 'The agent made a mistake; the traced program goes on.',
} as const;
