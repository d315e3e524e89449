/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const netProbesErrorCodes = {
  EE_NET_PROBES_UNSUPPORTED: 'This runtime has not the sockets that the probes know.',
} as const;
