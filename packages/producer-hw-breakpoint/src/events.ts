import { type EventTypeDescriptor, sharedFields } from '@extension-events/core';

/** Posted when a thread touches watched memory, or reaches an address. */
export const hwBreakpointHit = 'hw-breakpoint.hit';

/** Id of this producer, as event types name it. */
export const producerId = 'hw-breakpoint';

export const hwBreakpointHitDescriptor: EventTypeDescriptor = {
  name: hwBreakpointHit,
  kind: 'requested',
  description: 'A thread wrote, read or executed at an address that a debug register watches.',
  producer: producerId,
  fields: {
    address: {
      type: 'u64',
      base: 16,
      description: 'Start of the watched memory, or the watched instruction.',
    },
    lengthBytes: {
      detail: true,
      type: 'u32',
      unit: 'By',
      description: 'Watched bytes; 8, without meaning, for execute.',
    },
    access: { type: 'string', description: 'What was watched for: write, read-write or execute.' },
    pc: {
      ...sharedFields.pc,
      description:
        'For write and read-write the instruction after the access, since the processor reports it when done; for execute the address itself.',
    },
    symbol: { type: 'string', optional: true, description: 'Function of the pc.' },
    module: { type: 'string', optional: true, description: 'File that is mapped there, or [jit].' },
    value: {
      type: 'u64',
      optional: true,
      description:
        'What the memory holds, as one unsigned number; only while the thread stands right behind the access.',
    },
    stack: sharedFields.stack,
  },
  request: {
    address: {
      type: 'string',
      description:
        '0x7f…, symbol, symbol+16, module:symbol, or memory:NAME, memory:NAME[3], memory:NAME+16 of a Node program.',
    },
    lengthBytes: {
      type: 'u32',
      unit: 'By',
      optional: true,
      description:
        'Bytes to watch: 1, 2, 4 or 8; default: the size of the symbol or element when it is one of these, else 4.',
    },
    access: {
      type: 'string',
      default: 'write',
      oneOf: ['write', 'read-write', 'execute'],
      description: 'What to watch for; x86-64 cannot watch for reads alone.',
    },
    kernel: {
      type: 'bool',
      default: false,
      description:
        'Also accesses by the kernel for the thread, such as read(2) into it; needs a privilege.',
    },
  },
};

/** Everything this producer may post. */
export const hwBreakpointDescriptors: readonly EventTypeDescriptor[] = [hwBreakpointHitDescriptor];
