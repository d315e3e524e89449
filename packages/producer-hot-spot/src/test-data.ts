// Builders for tests: profiles, samples and interrupt stacks in a few words.
import type {
  InterruptFrame,
  InterruptStack,
  ProfileNode,
  ProfileWindow,
} from '@extension-events/platform-v8';
import type { HotFunction, Place, Sample } from './internal-types.ts';
import { functionKey } from './places.ts';

export interface NodeOptions {
  readonly url?: string;
  readonly line?: number;
  readonly column?: number;
  readonly lines?: Readonly<Record<number, number>>;
  readonly hits?: number;
}

/** A node below `parent`; native without a url. */
export function makeNode(
  parent: ProfileNode | undefined,
  functionName: string,
  options: NodeOptions = {},
): ProfileNode {
  const { url = '', line = url === '' ? 0 : 1, column = url === '' ? 0 : 1, lines = {} } = options;
  const lineHits = Object.entries(lines).map(([each, hits]) => ({ line: Number(each), hits }));
  const hits = options.hits ?? lineHits.reduce((sum, each) => sum + each.hits, 0);
  const scriptId = url === '' ? '0' : '1';
  const node: ProfileNode = {
    functionName,
    scriptId,
    url,
    line,
    column,
    parent,
    children: [],
    hits,
    lineHits,
  };
  (parent?.children as ProfileNode[] | undefined)?.push(node);
  return node;
}

export const makeRoot = (): ProfileNode => makeNode(undefined, '(root)');

/** A window in which each node has its hits, one after the other, a millisecond apart. */
export function makeWindow(nodes: readonly ProfileNode[], startMs = 0): ProfileWindow {
  const samples = nodes.flatMap((node) => Array.from({ length: node.hits }, () => node));
  const timesNs = Float64Array.from(samples, (_, index) => (startMs + index + 1) * 1e6);
  const toNs = (startMs + samples.length + 1) * 1e6;
  return { fromNs: startMs * 1e6, toNs, nodes: [...nodes], samples, timesNs };
}

export function makeFunction(
  functionName: string,
  line = 1,
  url = 'file:///a.js',
  column = 1,
): HotFunction {
  return { key: functionKey(url, line, column), functionName, scriptId: '1', url, line, column };
}

export function makePlace(hot: HotFunction | undefined, line = 0, native = ''): Place {
  return { key: `${hot?.key ?? ''}|${line}|${native}`, function: hot, line, native };
}

export function makeSample(place: Place, timeNs: number): Sample {
  return { timeNs, place, node: makeRoot() };
}

/** A frame at `line`; built-in without a function. */
export function makeFrame(hot: HotFunction | string, line = 0, column = 1): InterruptFrame {
  if (typeof hot === 'string') {
    const [typeName = '', functionName = ''] = hot.split('.');
    return {
      functionName,
      url: '',
      line: 0,
      column: 0,
      functionLine: 0,
      functionColumn: 0,
      isAsync: false,
      isConstructor: false,
      typeName,
    };
  }
  const { functionName, url } = hot;
  return {
    functionName,
    url,
    line,
    column,
    functionLine: hot.line,
    functionColumn: hot.column,
    isAsync: false,
    isConstructor: false,
    typeName: '',
  };
}

export function makeStack(frames: readonly InterruptFrame[], latencyNs = 150_000): InterruptStack {
  return { frames, timestampNs: 0, latencyNs };
}
