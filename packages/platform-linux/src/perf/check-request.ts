import { ExtensionEventError } from '@extension-events/core';
import { maxGroupMembers } from './opener.ts';
import type { PerfRequest } from './session-types.ts';

/**
 * Refuses what can be refused without the kernel, which would only say EINVAL.
 *
 * @throws ExtensionEventError `EE_PERF_ARGUMENT`
 */
export function checkRequest({ rate, userStackBytes = 0, event, ...request }: PerfRequest): void {
  const [name, value] = 'period' in rate ? ['period', rate.period] : ['frequencyHz', rate.frequencyHz]; // prettier-ignore
  if (!Number.isSafeInteger(value) || value < 1) {
    throw refuse(`${name} is ${value}`, 'It is a whole number from 1 on.');
  }
  if (userStackBytes % 8 !== 0 || userStackBytes < 0 || userStackBytes > 65_528) {
    throw refuse(`userStackBytes is ${userStackBytes}`, 'It is a multiple of 8 up to 65528.');
  }
  if (request.tid !== undefined && !(Number.isSafeInteger(request.tid) && request.tid > 0)) {
    throw refuse(`tid is ${request.tid}`, 'It is the number of a thread, as in /proc/PID/task.');
  }
  if (request.signalsThread === true && request.isSystemWide === true) {
    throw refuse('signalsThread is asked for on the whole machine', 'Name a process or a thread.');
  }
  if (request.filter?.includes('\0') === true) {
    throw refuse('the filter contains a NUL', 'Leave it out.');
  }
  const { group = [] } = request;
  if (group.length > maxGroupMembers) {
    throw refuse(`a group of ${group.length + 1} counters`, `At most ${maxGroupMembers + 1} are read together.`); // prettier-ignore
  }
  if (group.length > 0 && request.isSystemWide === true) {
    throw refuse('a group is asked for on the whole machine', 'Name a process or a thread.');
  }
  if (event.type === 'breakpoint') checkBreakpoint(event);
}

function checkBreakpoint(event: PerfRequest['event'] & { type: 'breakpoint' }): void {
  const { access, address, lengthBytes } = event;
  if (![1, 2, 4, 8].includes(lengthBytes)) {
    throw refuse(`a breakpoint of ${lengthBytes} bytes`, 'Lengths are 1, 2, 4 and 8 bytes.');
  }
  if (address < 0n || address >= 1n << 64n) throw refuse(`address ${address}`, 'It is a 64-bit address.'); // prettier-ignore
  if (access === 'execute') {
    if (process.arch === 'x64' && lengthBytes !== 8) throw refuse(`an execute breakpoint of ${lengthBytes} bytes`, 'On x86-64 its length is 8.'); // prettier-ignore
    return;
  }
  if (address % BigInt(lengthBytes) !== 0n) {
    throw refuse(`0x${address.toString(16)} is not a multiple of ${lengthBytes}`, 'A watched place is aligned to its own length: watch its parts, or a smaller one.'); // prettier-ignore
  }
}

function refuse(what: string, hint: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_PERF_ARGUMENT',
    `The perf event cannot be opened: ${what}.`,
    hint,
  );
}
