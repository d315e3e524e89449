import { pathToFileURL } from 'node:url';
import { splitLocation } from './flame-paths.ts';
import type { FlameGraph, FlameNode } from './graph-types.ts';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount: number;
  readonly children: number[];
}

const microseconds: Readonly<Record<string, number>> = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6 };

/**
 * A flame graph as a `.cpuprofile`, as JSON text. There is no order of time in a flame graph: each
 * stack is one sample, as long as it weighs; what is no time counts a millisecond each.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 */
export function toCpuProfile(graph: FlameGraph, name: string): string {
  const usPerWeight = microseconds[graph.unit] ?? 1000;
  const nodes: ProfileNode[] = [];
  const samples: number[] = [];
  // The time before a sample: what a sample takes is told with the next one.
  const timeDeltas: number[] = [0];
  const add = (node: FlameNode, isRoot: boolean): number => {
    const id = nodes.length + 1;
    const made = { id, callFrame: callFrameOf(node, isRoot), hitCount: Math.round(node.self), children: [] as number[] }; // prettier-ignore
    nodes.push(made);
    if (node.self > 0) {
      samples.push(id);
      timeDeltas.push(Math.round(node.self * usPerWeight));
    }
    for (const child of node.children) made.children.push(add(child, false));
    return id;
  };
  samples.push(add(graph.root, true)); // the last one only ends the one before it
  const endTime = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  return JSON.stringify({ nodes, startTime: 0, endTime, samples, timeDeltas, title: name });
}

function callFrameOf({ location, name }: FlameNode, isRoot: boolean): ProfileNode['callFrame'] {
  const { file, line } = splitLocation(location);
  return {
    functionName: isRoot ? '(root)' : name,
    scriptId: '0',
    url: file.startsWith('/') ? pathToFileURL(file).href : file,
    lineNumber: line - 1,
    columnNumber: -1,
  };
}
