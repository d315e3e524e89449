/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const hotSpotErrorCodes = {
  EE_HOT_SPOT_UNSUPPORTED: "V8's inspector, or Linux's perf events, are missing here.",
  EE_HOT_SPOT_NO_THREAD: 'The armed thread is not among the JavaScript threads of the process.',
  EE_HOT_SPOT_NATIVE_ONLY: 'A JavaScript profile cannot count so; samples by perf can.',
  EE_HOT_SPOT_SCOPE: 'The scope does not go with one thread, or with a stop.',
} as const;
