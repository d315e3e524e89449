/** Mean incidents a second of each fake event type. */
export const rates: Readonly<Record<string, number>> = {
  'http.server.request': 42,
  'http.client.request': 11,
  'net.send': 130,
  'net.receive': 118,
  'net.connect': 3,
  'dns.lookup': 0.8,
  'gc.pause': 2.2,
  'event-loop.stall': 0.15,
  'fs.read': 420,
  'cache.evict': 7,
  'hot-spot': 0.4,
  'hot-spot.sample': 100,
  lucky13: 1.3,
};

/** A number from 0 to 1 that follows from two others. */
export function random(a: number, b: number): number {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

/** The fake names that a pattern matches. */
export function eventsOf(pattern: string): string[] {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll(/\*\*|\*/g, (star) => star === '*' ? '[^.]*' : '.*'); // prettier-ignore
  const test = new RegExp(`^${source}$`);
  return Object.keys(rates).filter((name) => test.test(name));
}

/** How many incidents there are in a span of time: whole numbers that add up. */
export function countBetween(name: string, fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor(integral(name, toMs)) - Math.floor(integral(name, fromMs)));
}

// A mean rate with two waves on it, and unrest that averages out.
function integral(name: string, atMs: number): number {
  const rate = rates[name] ?? 0;
  const t = (atMs - 1_700_000_000_000) / 1000;
  const phase = name.length;
  const slow = 0.35 * 97 * Math.sin(t / 97 + phase);
  const fast = 0.3 * 11 * Math.sin(t / 11 + phase * 2);
  const unrest = 0.5 * random(Math.floor(t), phase);
  return rate * (t + slow + fast + unrest);
}
