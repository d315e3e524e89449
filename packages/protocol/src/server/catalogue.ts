import type { RegisteredType } from '@extension-events/core';
import type { TypeInfo } from '../frames.ts';

/** What one thread has registered. */
export interface ThreadCatalogue {
  readonly key: number;
  readonly types: readonly RegisteredType[];
}

/** One name space for the process: the types of all its threads, each name once. */
export function mergeTypes(threads: readonly ThreadCatalogue[]): TypeInfo[] {
  const merged = new Map<
    string,
    { descriptor: TypeInfo['descriptor']; threads: number[]; listeners: number; heard: number }
  >();
  for (const thread of threads) {
    for (const { descriptor, heard, listeners } of thread.types) {
      const present = merged.get(descriptor.name);
      if (present === undefined)
        merged.set(descriptor.name, { descriptor, threads: [thread.key], listeners, heard });
      else {
        // One thread may have learned the fields that another has not seen yet.
        if (knowsMore(descriptor, present.descriptor)) present.descriptor = descriptor;
        present.threads.push(thread.key);
        present.listeners = Math.max(present.listeners, listeners);
        present.heard += heard;
      }
    }
  }
  return [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
}

function knowsMore(one: TypeInfo['descriptor'], other: TypeInfo['descriptor']): boolean {
  if (one.isProvisional === true) return false;
  if (other.isProvisional === true) return true;
  return Object.keys(one.fields).length > Object.keys(other.fields).length;
}

/** What has come, gone, or got other fields or threads between two catalogues. */
export function compareTypes(
  before: readonly TypeInfo[],
  after: readonly TypeInfo[],
): { added: TypeInfo[]; removed: string[] } {
  const known = new Map(before.map((type) => [type.descriptor.name, type]));
  const left = new Set(after.map((type) => type.descriptor.name));
  const added = after.filter((type) => lookOf(known.get(type.descriptor.name)) !== lookOf(type));
  return { added, removed: [...known.keys()].filter((name) => !left.has(name)) };
}

function lookOf(type: TypeInfo | undefined): string {
  return type === undefined ? '' : JSON.stringify([type.threads, type.descriptor]);
}
