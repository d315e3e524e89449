import type { InterruptStack } from '@extension-events/platform-v8';

// Interrupts are served within some 100-300 µs in JavaScript; native code serves them when it is over.
const deafNs = 800_000;
const minStacks = 3;

/** Does the thread serve interrupts late, as one does that is busy in native code? */
export function isDeaf(stacks: readonly Pick<InterruptStack, 'latencyNs'>[]): boolean {
  if (stacks.length < minStacks) return false;
  const sorted = stacks.map((each) => each.latencyNs).toSorted((a, b) => a - b);
  return (sorted[sorted.length >> 1] ?? 0) > deafNs;
}
