import type { FlameGraph, FlameNode } from '../graph-types.ts';
import { random } from './fake-rates.ts';

const words = ['parse', 'render', 'query', 'merge', 'hash', 'encode', 'walk', 'price', 'route', 'flush', 'pick', 'report']; // prettier-ignore
const files = ['src/router.ts', 'src/pricing.ts', 'src/report.ts', 'node:internal/streams', 'src/repository.ts']; // prettier-ignore

/** A tree of stacks that grows with the number of incidents and keeps its shape. */
export function fakeFlames(name: string, incidents: number, sinceMs: number): FlameGraph {
  const root = grow('all', undefined, incidents, 0, name.length, incidents / 2500);
  return { root, stacks: incidents, withoutStack: Math.floor(incidents / 90), truncated: 0, unit: '{incident}', sinceMs }; // prettier-ignore
}

function grow(
  name: string,
  location: string | undefined,
  total: number,
  depth: number,
  seed: number,
  least: number,
): FlameNode {
  const place = location === undefined ? {} : { location };
  if (depth > 16 || total < least) return { name, ...place, total, self: total, children: [] };
  const count = 1 + Math.floor(3 * random(seed, depth));
  let left = Math.floor(total * (depth === 0 ? 1 : 0.94));
  const children: FlameNode[] = [];
  for (let i = 0; i < count && left > 0; i++) {
    const own =
      i === count - 1 ? left : Math.floor(left * (0.35 + 0.5 * random(seed + i, depth + 7)));
    const inner = seed * 7 + i * 3 + depth;
    const word = words[inner % words.length] ?? '';
    const label = `${word}${words[(inner * 5 + 1) % words.length]?.replace(/^./, (c) => c.toUpperCase()) ?? ''}`; // prettier-ignore
    children.push(grow(label, `${files[inner % files.length]}:${10 + (inner % 300)}`, own, depth + 1, inner, least)); // prettier-ignore
    left -= own;
  }
  const merged = new Map<string, FlameNode>();
  for (const child of children) merged.set(`${child.name}${merged.has(child.name) ? child.location : ''}`, child); // prettier-ignore
  const kept = [...merged.values()];
  return { name, ...place, total, self: total - kept.reduce((sum, child) => sum + child.total, 0), children: kept }; // prettier-ignore
}
