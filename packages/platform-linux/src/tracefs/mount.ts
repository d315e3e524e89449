/** Where the kernel shows its tracepoints. Nothing is mounted that others could see. */
import { closeSync, statSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { errnoName, loadNative } from '../native/native.ts';
import { exportHint } from './errors.ts';

/** A tracefs that can be read. */
export interface TracefsRoot extends Disposable {
  /** Holds `events`. */
  readonly path: string;
}

/** Mount points that kernel and distributions know; Documentation/trace/ftrace.rst. */
export const usualPlaces: readonly string[] = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

/** What a look at the usual places says, without loading or mounting anything. */
export type TracefsState = 'mounted' | 'mountable' | 'forbidden' | 'absent';

/** The first usual place with readable events, if any. */
export function findMounted(places: readonly string[] = usualPlaces): string | undefined {
  return places.find((place) => look(`${place}/events`) === 'there');
}

/** Can tracefs be read by this process? */
export function tracefsState(places: readonly string[] = usualPlaces): TracefsState {
  if (findMounted(places) !== undefined) return 'mounted';
  // A kernel with tracing has the directory, mounted or not.
  const isThere = places.some((place) => look(place) !== 'absent');
  if (!isThere) return 'absent';
  return process.geteuid?.() === 0 ? 'mountable' : 'forbidden';
}

/**
 * Opens tracefs: where it is mounted, else, as root, by a mount of this process's own that no
 * directory shows and that ends with the descriptor (fsopen(2), fsmount(2)).
 *
 * @throws ExtensionEventError `EE_TRACEFS_ABSENT`, `EE_TRACEFS_PERMISSION`
 */
export async function openTracefs(places: readonly string[] = usualPlaces): Promise<TracefsRoot> {
  const mounted = findMounted(places);
  if (mounted !== undefined) return { path: mounted, [Symbol.dispose]: () => {} };
  const state = tracefsState(places);
  if (state === 'absent') throw absent(places, 'the kernel has none, or this is a container that hides it');
  if (state === 'forbidden') throw permission('its directory is for root alone');
  const fd = await mountDetached();
  let isOpen = true;
  return {
    path: `/proc/self/fd/${fd}`,
    [Symbol.dispose]: () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
} // prettier-ignore

const closeOnExec = 1;
const commandCreate = 6;

async function mountDetached(): Promise<number> {
  const native = await loadNative();
  const { fsopen, fsconfig, fsmount } = native.numbers;
  const context = native.syscall(fsopen, 'tracefs', closeOnExec);
  if (context < 0) throw refusal(context);
  try {
    const created = native.syscall(fsconfig, context, commandCreate, 0, 0, 0);
    const fd = created < 0 ? created : native.syscall(fsmount, context, closeOnExec, 0);
    if (fd < 0) throw refusal(fd);
    return fd;
  } finally {
    native.close(context);
  }
}

function refusal(result: number): ExtensionEventError {
  const name = errnoName(result);
  if (name === 'ENODEV' || name === 'ENOSYS') return absent(usualPlaces, `mounting it gives ${name}`); // prettier-ignore
  return permission(`mounting it gives ${name}; containers take that right from root`);
}

function absent(places: readonly string[], why: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_TRACEFS_ABSENT',
    `tracefs is at none of ${places.join(', ')}: ${why}.`,
    'Use a kernel with CONFIG_TRACING; in a container, mount /sys/kernel/tracing of the host.',
  );
}

function permission(why: string): ExtensionEventError {
  return new ExtensionEventError('EE_TRACEFS_PERMISSION', `tracefs cannot be read: ${why}.`, exportHint); // prettier-ignore
}

function look(path: string): 'there' | 'forbidden' | 'absent' {
  try {
    statSync(path);
    return 'there';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'absent';
  }
}
