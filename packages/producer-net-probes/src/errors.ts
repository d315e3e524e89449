/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const netProbesErrorCodes = {
  EE_NET_PROBES_UNSUPPORTED: 'This runtime has not the sockets that the probes know.',
  EE_NET_PROBES_PERMISSION: 'The kernel does not show the sockets of native threads to this user.',
  EE_NET_PROBES_KERNEL: 'This kernel does not tell of the sockets of native threads.',
} as const;
