/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const runtimeErrorCodes = {
  EE_RUNTIME_UNSUPPORTED: 'This Node has no inspector, through which its threads are watched.',
  EE_RUNTIME_NO_THREAD: 'The chosen thread is not among the JavaScript threads of the process.',
} as const;
