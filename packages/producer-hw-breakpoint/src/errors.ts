/** Codes of this package. They are permanent; compare `error.code`, never the class. */
export const hwBreakpointErrorCodes = {
  EE_HW_BREAKPOINT_UNSUPPORTED: 'This system has no hardware breakpoints that we know.',
  EE_HW_BREAKPOINT_ADDRESS: 'The address cannot be understood, or cannot be watched.',
  EE_HW_BREAKPOINT_LENGTH: 'The processor cannot watch so many bytes.',
  EE_HW_BREAKPOINT_ALIGNMENT: 'The address is not a multiple of the watched length.',
  EE_HW_BREAKPOINT_NO_SLOT: 'The debug registers of a thread are all taken.',
  EE_NAMED_MEMORY_UNKNOWN: 'The process has named no such memory, or several by that name.',
  EE_NAMED_MEMORY_NAME: 'The name for a piece of memory is not valid, or taken.',
  EE_NAMED_MEMORY_VIEW: 'What is to be named is not memory, or is empty.',
  EE_NAMED_MEMORY_KOFFI: 'koffi, which tells addresses, cannot be loaded.',
} as const;
