import type { Protocol } from 'devtools-protocol/types/protocol.js';

/** One place in the tree of calls, with the samples that ended there. */
export interface ProfileNode {
  /** Empty for an anonymous function; `(idle)`, `(program)`, `(garbage collector)`, `(root)` for V8's own. */
  readonly functionName: string;
  readonly scriptId: string;
  /** Empty for native code. */
  readonly url: string;
  /** Where the function starts (its parameter list), 1-based; 0 when it has no source. */
  readonly line: number;
  readonly column: number;
  readonly parent: ProfileNode | undefined;
  readonly children: readonly ProfileNode[];
  /** Samples that ended in this node. */
  readonly hits: number;
  /**
   * Those samples by line, 1-based. Up to Node 24 lines of inlined callees are among them, whatever file
   * they are in. A native node carries the lines of its caller.
   */
  readonly lineHits: readonly LineHits[];
}

/** Samples on one line. */
export interface LineHits {
  readonly line: number;
  readonly hits: number;
}

/** The samples of a stretch of time, in order. */
export interface ProfileWindow {
  /** Bounds on CLOCK_MONOTONIC. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly nodes: readonly ProfileNode[];
  /** The node in which each sample ended. */
  readonly samples: readonly ProfileNode[];
  /** When each sample was taken, CLOCK_MONOTONIC. */
  readonly timesNs: Float64Array;
}

interface MutableNode extends ProfileNode {
  parent: ProfileNode | undefined;
  readonly children: ProfileNode[];
}

/** Turns a profile of the protocol into a window. V8 counts lines and columns of functions from 0, we from 1. */
export function parseProfile(profile: Protocol.Profiler.Profile): ProfileWindow {
  const byId = new Map<number, MutableNode>();
  for (const node of profile.nodes) byId.set(node.id, toNode(node));
  for (const { id, children } of profile.nodes) {
    const parent = byId.get(id);
    for (const childId of children ?? []) {
      const child = byId.get(childId);
      if (parent === undefined || child === undefined) continue;
      child.parent = parent;
      parent.children.push(child);
    }
  }
  const ids = profile.samples ?? [];
  const deltas = profile.timeDeltas ?? [];
  const samples: ProfileNode[] = [];
  const times: number[] = [];
  let timeUs = profile.startTime;
  for (const [index, id] of ids.entries()) {
    timeUs += deltas[index] ?? 0;
    const node = byId.get(id);
    if (node === undefined) continue;
    samples.push(node);
    times.push(timeUs * 1000);
  }
  return {
    fromNs: profile.startTime * 1000,
    toNs: profile.endTime * 1000,
    nodes: [...byId.values()],
    samples,
    timesNs: Float64Array.from(times),
  };
}

function toNode(node: Protocol.Profiler.ProfileNode): MutableNode {
  const { functionName, scriptId, url, lineNumber, columnNumber } = node.callFrame;
  return {
    functionName,
    scriptId,
    url,
    line: lineNumber + 1,
    column: columnNumber + 1,
    parent: undefined,
    children: [],
    hits: node.hitCount ?? 0,
    lineHits: (node.positionTicks ?? []).map(({ line, ticks }) => ({ line, hits: ticks })),
  };
}
