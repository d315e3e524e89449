import type { FlameGraph, FlameNode } from './graph-types.ts';

/** One stack of a flame graph that weighs something by itself, outermost frame first; the root is left out. */
export interface FlamePath {
  readonly frames: readonly FlameNode[];
  readonly weight: number;
}

/** The stacks of a flame graph. */
export function flamePaths({ root }: FlameGraph): FlamePath[] {
  const paths: FlamePath[] = [];
  const walk = (node: FlameNode, frames: readonly FlameNode[]): void => {
    if (node.self > 0 && frames.length > 0) paths.push({ frames, weight: node.self });
    for (const child of node.children) walk(child, [...frames, child]);
  };
  walk(root, []);
  return paths;
}

/** `file:line` as two. */
export function splitLocation(location: string | undefined): {
  readonly file: string;
  readonly line: number;
} {
  // prettier-ignore
  const [, file, line] = /^(.*):(\d+)$/.exec(location ?? '') ?? [];
  return file === undefined ? { file: location ?? '', line: 0 } : { file, line: Number(line) };
}
