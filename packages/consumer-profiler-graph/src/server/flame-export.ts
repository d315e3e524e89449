import type { FlameGraph } from '../graph-types.ts';
export const toSpeedscope = (graph: FlameGraph, name: string): string =>
  JSON.stringify({ name, graph });
export const toPprof = (graph: FlameGraph, name: string): Uint8Array =>
  Buffer.from(JSON.stringify({ name, graph }));
export const toCpuProfile = (graph: FlameGraph, name: string): string =>
  JSON.stringify({ name, graph });
