/** Which records of the kernel make which event. */
import type { EventTypeDescriptor } from '@extension-events/core';
import { netAccept, netAcceptDescriptor, netClose, netCloseDescriptor, netConnect, netConnectDescriptor, netError, netErrorDescriptor, netReceive, netReceiveDescriptor, netSend, netSendDescriptor } from '../events.ts'; // prettier-ignore
import { accepted, closes, connects, failedCalls, readersOf, statesOf } from './connections.ts';
import type { Heard, Knowledge } from './internal-types.ts';
import type { SameCall } from './same-call.ts';
import { failedByCall, receivedByCall, sentByCall } from './transfers-by-call.ts';
import { failedTransfer, received, receiveLength, sendLength, sent, transfer } from './transfers.ts'; // prettier-ignore

/** What this side can post; libraries inside a program are none of the kernel's. */
export const nativeDescriptors: readonly EventTypeDescriptor[] = [netConnectDescriptor, netAcceptDescriptor, netSendDescriptor, netReceiveDescriptor, netCloseDescriptor, netErrorDescriptor]; // prettier-ignore

type Sources = (known: Knowledge, same: SameCall) => readonly Heard[];

const table: Readonly<Record<string, Sources>> = {
  [netSend]: (known) => [transfer(sendLength, sent, known)],
  [netReceive]: (known) => [transfer(receiveLength, received, known)],
  [netConnect]: (known, same) => connects(known, same),
  [netAccept]: (known) => accepted(known),
  [netClose]: (known, same) => [closes(known, same)],
  [netError]: (known, same) => [
    failedTransfer(sendLength, known),
    failedTransfer(receiveLength, known),
    ...failedCalls(known, same),
  ],
};

/** In place of tracepoints of sockets, where there are none for this user: the ends of system calls. */
const byCall: Readonly<Record<string, Sources>> = {
  [netSend]: sentByCall,
  [netReceive]: receivedByCall,
  [netError]: (known, same) => [...failedByCall(known), ...failedCalls(known, same)],
};

/** The records behind an event: each list by itself is enough, the first one tells most. */
export function sourcesOf(
  event: string,
  known: Knowledge,
  same: SameCall,
): readonly (readonly Heard[])[] {
  return [table[event], byCall[event]].flatMap((sources) => sources === undefined ? [] : [sources(known, same)]); // prettier-ignore
}

/** What is heard beside them, of all threads, so that addresses are known. */
export function helpersOf(event: string, isStop: boolean, known: Knowledge): readonly Heard[] {
  const helpers = [...statesOf(known), ...accepted(known)];
  return event === netReceive && !isStop ? [...helpers, readersOf(known)] : helpers;
}

/** Fields by which the kernel itself can leave an event out. */
export function narrowsBy(event: string): readonly string[] {
  return event === netSend || event === netReceive ? ['len'] : [];
}
