/**
 * Channels that {@link publishToChannels} makes must not come back as event types. All copies of this
 * package in a thread know each other's prefixes through one map on `globalThis`, there while one is
 * in use.
 */
const key = Symbol.for('extension-events.published-prefixes.v1');
const holder = globalThis as { [key]?: Map<string, number> };

/** From now on channels whose name begins so are ours. */
export function markPublished(prefix: string): Disposable {
  const prefixes = holder[key] ?? new Map<string, number>();
  if (holder[key] === undefined)
    Object.defineProperty(holder, key, { value: prefixes, configurable: true, enumerable: false });
  prefixes.set(prefix, (prefixes.get(prefix) ?? 0) + 1);
  let isMarked = true;
  return {
    [Symbol.dispose]: () => {
      if (!isMarked) return;
      isMarked = false;
      const left = (prefixes.get(prefix) ?? 1) - 1;
      if (left > 0) prefixes.set(prefix, left);
      else prefixes.delete(prefix);
      if (prefixes.size === 0 && holder[key] === prefixes) delete holder[key];
    },
  };
}

/** Is this a channel that events are published to? */
export function isPublished(channelName: string | symbol): boolean {
  const prefixes = holder[key];
  if (prefixes === undefined || typeof channelName !== 'string') return false;
  for (const prefix of prefixes.keys()) if (channelName.startsWith(prefix)) return true;
  return false;
}
