/**
 * Types of globals that nothing tells before an awaited event is there. Until then they are taken for
 * numbers, and nobody can have filled them; the first thread that sees the event settles them.
 */
import { ExtensionEventError } from '@extension-events/core';
import type { CheckedGlobal, Globals } from './checked.ts';
import type { SettledGlobal } from './wire.ts';

type Types = Pick<CheckedGlobal, 'keys' | 'value' | 'open'>;
type OpenTypes = NonNullable<CheckedGlobal['open']>;

/** What has been settled since the script was started. */
export function tellSettled(before: Globals, now: Globals): SettledGlobal[] {
  return now.flatMap((global, index) => {
    const { keys, open, value } = global;
    if (before[index] === global) return [];
    return [{ global: index, keys, value, ...(open !== undefined && { open }) }];
  });
}

/**
 * Takes in what another thread has settled.
 *
 * @throws ScriptError when two threads do not agree
 */
export function adoptSettled(globals: Globals, settled: readonly SettledGlobal[]): Globals {
  const byIndex = new Map(settled.map((each) => [each.global, each]));
  return globals.map((global, index) => {
    const other = byIndex.get(index);
    return other === undefined ? global : join(global, other);
  });
}

function join(global: CheckedGlobal, other: Types): CheckedGlobal {
  const keys = global.keys.map((key, i) => {
    const mine = isOpen(global, i) ? undefined : key;
    const theirs = isOpen(other, i) ? undefined : other.keys[i];
    return agree(global, mine, theirs) ?? key;
  });
  const mine = global.open?.value === true ? undefined : global.value;
  const theirs = other.open?.value === true ? undefined : other.value;
  const value = agree(global, mine, theirs) ?? global.value;
  const open = {
    keys: keys.flatMap((_, i) => (isOpen(global, i) && isOpen(other, i) ? [i] : [])),
    value: mine === undefined && theirs === undefined,
  };
  return isAsOpen(global, open) ? global : withTypes(global, { keys, value }, open);
}

function isOpen({ open }: Types, key: number): boolean {
  return open?.keys.includes(key) === true;
}

/** Is as much of it open as this says? */
export function isAsOpen({ open }: Types, other: OpenTypes): boolean {
  return (open?.value ?? false) === other.value && (open?.keys.length ?? 0) === other.keys.length;
}

function agree<T>({ name }: CheckedGlobal, mine: T | undefined, theirs: T | undefined): T | undefined {
  if (mine === undefined || theirs === undefined || mine === theirs) return mine ?? theirs;
  throw new ExtensionEventError('EE_SCRIPT_TYPE', `${name} is filled with a ${String(mine)} in one thread and a ${String(theirs)} in another.`, 'await events that have the same fields in all threads.'); // prettier-ignore
} // prettier-ignore

/** A global with these types, and what of them is still open. */
export function withTypes(
  { open: _open, ...global }: CheckedGlobal,
  types: Pick<CheckedGlobal, 'keys' | 'value'>,
  open: OpenTypes,
): CheckedGlobal {
  return { ...global, ...types, ...((open.value || open.keys.length > 0) && { open }) };
}
