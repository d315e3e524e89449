import { ExtensionEventError } from '@extension-events/core';

/**
 * Finding and attaching to processes reads /proc and sends Linux signals.
 *
 * @throws ExtensionEventError `EE_PLATFORM`
 */
export function requireLinux(platform: NodeJS.Platform = process.platform): void {
  if (platform === 'linux') return;
  throw new ExtensionEventError('EE_PLATFORM', `extev finds and attaches to processes on Linux only; this is ${platform}.`, 'Run it where the program runs, on Linux; elsewhere listen in the program itself, with localSession() of @extension-events/session.'); // prettier-ignore
}
