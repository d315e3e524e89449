/** Codes of malformed frames; `ExtensionEventError` carries them. */
export const protocolErrorCodes = {
  EE_FRAME_TOO_LARGE: 'A frame is longer than the limit.',
  EE_FRAME_KIND: 'A frame has an unknown kind.',
  EE_FRAME_BODY: 'The body of a frame does not have the shape of its kind.',
  EE_PROTOCOL_VERSION: 'The other side speaks another version of the protocol.',
  EE_GRANT_NEEDED: 'The connection was not granted what this request needs.',
  EE_DEBUG_METHOD: 'There is no such debug method.',
} as const;
