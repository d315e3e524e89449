/** Pure: descriptors of the event types that this producer may register. */
import { sharedFields } from '@extension-events/core';
import type { EventTypeDescriptor, FieldDescriptor, Fields, RequestParameters } from '@extension-events/core'; // prettier-ignore
import type { UsdtArgument } from '@extension-events/platform-linux/symbols';
import type { Tracepoint } from '@extension-events/platform-linux/tracefs';

/** Id of this producer, as event types name it. */
export const producerId = 'tracepoint';

const stackField: FieldDescriptor = { ...sharedFields.stack, optional: true, description: 'Frames, innermost first; with stack=true.' }; // prettier-ignore

const stackParameter: RequestParameters = {
  stack: { type: 'bool', default: false, description: 'Post the stack too, which costs more.' },
};

// Their registers are those of the program: the kernel counts them as its own doing.
const userSystems = new Set(['syscalls', 'raw_syscalls', 'exceptions']);

/** Can a tracepoint of this system be heard with the kernel left out? */
export function isHeardWithoutKernel(system: string): boolean {
  return userSystems.has(system);
}

/** @param mayIncludeKernel - whether this process may look into the kernel; the default of `kernel` for system calls */
export function describeTracepoint(
  { name, system, fields }: Tracepoint,
  mayIncludeKernel: boolean,
): EventTypeDescriptor {
  return {
    name: `tracepoint:${name}`,
    kind: 'requested',
    description: `Kernel tracepoint ${name}.`,
    producer: producerId,
    fields: { ...fields, ...(!Object.hasOwn(fields, 'stack') && { stack: stackField }) },
    request: {
      filter: {
        type: 'string',
        optional: true,
        description: 'The kernel posts only what passes: ret == 13, comm ~ "no*", && and ||.',
      },
      kernel: {
        type: 'bool',
        default: mayIncludeKernel || !isHeardWithoutKernel(system),
        description: 'Include the kernel, as all but system calls need; an ordinary user may not.',
      },
      ...stackParameter,
    },
  };
}

const argumentCount = 6;

const uprobeFields: Fields = {
  ...Object.fromEntries(
    Array.from({ length: argumentCount }, (_, i) => [
      `arg${i}`,
      { type: 'u64', description: `Integer or pointer argument ${i}, as far as the function has it.` }, // prettier-ignore
    ]),
  ),
  pc: { ...sharedFields.pc, detail: true, description: 'The probed instruction.' }, // prettier-ignore
  stack: stackField,
};

const uretprobeFields: Fields = {
  ret: { type: 'u64', description: 'What the function returned: the whole register.' },
  retInt: { type: 'i32', description: 'The lower half of it, as an int.' },
  pc: { ...sharedFields.pc, detail: true, description: 'Where the function returned to.' },
  stack: stackField,
};

/** A uprobe or uretprobe, by its name. */
export function describeUprobe(name: string): EventTypeDescriptor {
  const isReturn = name.startsWith('uretprobe:');
  const place = name.slice(name.indexOf(':') + 1);
  return {
    name,
    kind: 'requested',
    description: isReturn ? `Return of ${place}.` : `Execution of ${place}.`,
    producer: producerId,
    fields: isReturn ? uretprobeFields : uprobeFields,
    request: stackParameter,
  };
}

/** A USDT probe. @param places - the arguments at each place that the name stands for */
export function describeUsdt(
  name: string,
  places: readonly (readonly UsdtArgument[])[],
): EventTypeDescriptor {
  const count = Math.min(24, Math.max(0, ...places.map(({ length }) => length)));
  const fields = Array.from({ length: count }, (_, i) => {
    const [first, ...more] = places.flatMap((each) => each[i] ?? []);
    const isSame = more.every((each) => each.sizeBytes === first?.sizeBytes && each.isSigned === first.isSigned && each.isFloat === first.isFloat); // prettier-ignore
    const type = usdtType(first, isSame);
    return [`arg${i}`, { type, optional: true, description: `Argument ${i}.` }] as const;
  });
  return {
    name,
    kind: 'requested',
    description: `USDT probe ${name.slice(name.indexOf(':') + 1)}.`,
    producer: producerId,
    fields: { ...Object.fromEntries(fields), stack: stackField },
    request: stackParameter,
  };
}

/** The compiler may keep one argument in different ways at each place of a probe: then it is wide. */
function usdtType(argument: UsdtArgument | undefined, isSame: boolean): FieldDescriptor['type'] {
  if (argument === undefined) return 'u64';
  if (argument.isFloat) return 'f64';
  if (!isSame) return argument.isSigned ? 'i64' : 'u64';
  const bits = (argument.sizeBytes * 8) as 8 | 16 | 32 | 64;
  return `${argument.isSigned ? 'i' : 'u'}${bits}`;
}
