/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const hotSpotErrorCodes = {
  EE_HOT_SPOT_UNSUPPORTED: 'This Node was built without an inspector.',
  EE_HOT_SPOT_NO_THREAD: 'The armed thread is not among the JavaScript threads of the process.',
} as const;
