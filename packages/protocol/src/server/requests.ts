/** What every server says to requests that it cannot serve. */
import { ExtensionEventError } from '@extension-events/core';
import { debugMethods, grantsNeeded } from '../debug.ts';
import { type Frame, type HelloFrame, protocolVersion } from '../frames.ts';
import type { Consumer } from './consumer.ts';
import type { Fault } from './wire-error.ts';

/** @throws ExtensionEventError `EE_PROTOCOL_VERSION` */
export function checkHello(hello: HelloFrame, server: 'agent' | 'host'): void {
  if (hello.protocol === protocolVersion) return;
  throw new ExtensionEventError('EE_PROTOCOL_VERSION', `The ${server} speaks protocol ${protocolVersion}, ${hello.name} speaks ${hello.protocol}.`, `Use the release of extev that the ${server} came from, or restart the program with a newer ${server}.`); // prettier-ignore
}

/** The error for a frame before hello. */
export function helloNeeded(frame: Frame): ExtensionEventError {
  return new ExtensionEventError('EE_HELLO_NEEDED', `The first frame was ${frame.kind}.`, 'Begin with hello and wait for its answer.'); // prettier-ignore
}

/** The error for a frame of a kind that only travels the other way. */
export function notServed(frame: Frame, server: 'agent' | 'host'): ExtensionEventError {
  return new ExtensionEventError('EE_FRAME_KIND', `This ${server} does not serve ${frame.kind} frames.`, `Use the release of extev that the ${server} came from.`); // prettier-ignore
}

/** The error for a request about a script that this connection does not run. */
export function scriptUnknown(number: number): ExtensionEventError {
  return new ExtensionEventError('EE_SCRIPT_UNKNOWN', `This connection runs no script ${number}.`, 'It has ended: by exit(), by its budget, or since it was removed.'); // prettier-ignore
}

/** The error for a script frame without an action. */
export function scriptActionMissing(): ExtensionEventError {
  return new ExtensionEventError('EE_FRAME_BODY', 'A script frame names no action.', 'Use the session package of the same release.'); // prettier-ignore
}

/** What a script's error without a code is: ours. */
export const scriptFault: Fault = {
  code: 'EE_SCRIPT_FAULT',
  hint: 'This is a fault of ours; the program goes on. Please report it.',
};

/** @throws ExtensionEventError `EE_GRANT_NEEDED` */
export function checkCatchGrant(consumer: Consumer): void {
  if (consumer.has('stop')) return;
  throw new ExtensionEventError('EE_GRANT_NEEDED', 'A catchpoint needs the grant stop, which this connection did not ask for.', 'Connect with the grant in the hello frame: extev debug does.'); // prettier-ignore
}

/** @throws ExtensionEventError `EE_DEBUG_METHOD`, `EE_GRANT_NEEDED` */
export function checkDebugGrants(
  consumer: Consumer,
  method: string,
  params: Readonly<Record<string, unknown>>,
): void {
  const needed = grantsNeeded(method, params);
  if (needed === undefined) {
    throw new ExtensionEventError('EE_DEBUG_METHOD', `There is no debug method ${JSON.stringify(method)}.`, `Methods: ${Object.keys(debugMethods).join(', ')}.`); // prettier-ignore
  }
  const missing = needed.filter((grant) => !consumer.has(grant));
  if (missing.length === 0) return;
  throw new ExtensionEventError('EE_GRANT_NEEDED', `${method} needs the grant ${missing.join(', ')}, which this connection did not ask for.`, 'Connect with the grant in the hello frame; extev debug takes --write.'); // prettier-ignore
}
