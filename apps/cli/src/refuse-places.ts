import type { ListenOptions } from '@extension-events/session';
import { usageError } from './output.ts';
import type { StartedCommand } from './started-command.ts';

/**
 * A program that could not be held before its first instruction is a shell so far: places in it
 * cannot be looked up.
 *
 * @throws ExtensionEventError `EE_USAGE`
 */
export function refusePlaces(
  command: StartedCommand,
  request: ListenOptions['request'] = {},
): void {
  const key = ['address', 'location'].find((name) => isNativePlace(request[name]));
  if (key === undefined || command.unheld === undefined) return;
  throw usageError(
    `${key}=${String(request[key])} is looked up in the program before it begins, and it cannot be held there: ${command.unheld.message}`,
    'Start it, and give its pid.',
  );
}

// A place in a script waits for the script to be loaded.
function isNativePlace(value: unknown): boolean {
  return typeof value === 'string' && !/^\S+\.[cm]?[jt]sx?:\d/.test(value);
}
