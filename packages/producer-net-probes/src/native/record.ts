/** Pure: what the kernel's records say, in the words of the events. */
import type { PerfSample } from '@extension-events/platform-linux';
import { keepsFirstArgument, readArguments } from './call-arguments.ts';
import type { CallArguments, SocketFacts, Values } from './internal-types.ts';
import { familyOf, inet6 } from './protocols.ts';
import { readSocketAddress } from './socket-address.ts';

/** Addresses and ports of a record about a TCP socket. */
export function readAddresses(values: Values): SocketFacts {
  const number = Number(values['family']);
  const suffix = number === inet6 ? '_v6' : '';
  const [local, remote] = [values[`saddr${suffix}`], values[`daddr${suffix}`]];
  const [localPort, remotePort] = [Number(values['sport']), Number(values['dport'])];
  const family = familyOf(number);
  return {
    protocol: 'tcp',
    ...(family !== undefined && { family }),
    ...(typeof local === 'string' && local !== '' && { localAddress: local }),
    // A connection that begins has none yet.
    ...(localPort > 0 && { localPort }),
    ...(typeof remote === 'string' && remote !== '' && { remoteAddress: remote }),
    ...(remotePort > 0 && { remotePort }),
  };
}

/** The first argument of the call that is being served, where it can be a descriptor. */
export function readDescriptor(sample: PerfSample): number | undefined {
  return asDescriptor(readArguments(sample));
}

/** The same at the end of the call. */
export function readFirstAtReturn(sample: PerfSample): number | undefined {
  return keepsFirstArgument() ? readDescriptor(sample) : undefined;
}

// The upper half of the register is the program's chance.
function asDescriptor(call: CallArguments | undefined): number | undefined {
  const low = call === undefined ? -1 : Number(BigInt.asIntN(32, call.first));
  return low >= 0 ? low : undefined;
}

/** The address that is the second argument of `connect` and `accept`. */
export function readPeer(sample: PerfSample): SocketFacts | undefined {
  const call = readArguments(sample);
  return call && readSocketAddress(sample.userStack(), call.stackPointer, call.second);
}
