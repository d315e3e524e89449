/** Codes of malformed frames and of requests that a server refuses; `ExtensionEventError` carries them. */
export const protocolErrorCodes = {
  EE_FRAME_TOO_LARGE: 'A frame is longer than the limit.',
  EE_FRAME_KIND: 'A frame has an unknown kind.',
  EE_FRAME_BODY: 'The body of a frame does not have the shape of its kind.',
  EE_PROTOCOL_VERSION: 'The other side speaks another version of the protocol.',
  EE_GRANT_NEEDED: 'The connection was not granted what this request needs.',
  EE_DEBUG_METHOD: 'There is no such debug method.',
  EE_LISTEN_SLOTS: 'All recorded listens of this process are taken.',
  EE_LISTEN_UNKNOWN: 'The connection has no such listen.',
  EE_THREAD_UNKNOWN: 'The process has no such thread, or it has ended.',
  EE_PRODUCER_LOAD: 'A producer could not be loaded into the process.',
  EE_SCRIPT_UNKNOWN: 'The connection runs no such script.',
  EE_SCRIPT_FAULT: 'A script made a mistake of ours; the traced program goes on.',
  EE_HELLO_NEEDED: 'The first frame of a connection must be hello.',
} as const;
