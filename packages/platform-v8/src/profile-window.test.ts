import { expect, it } from 'vitest';
import { parseProfile } from './profile-window.ts';
import { fromCdpPosition, toCdpPosition } from './positions.ts';

const callFrame = (
  functionName: string,
  lineNumber: number,
): {
  functionName: string;
  scriptId: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
} => ({
  functionName,
  scriptId: '1',
  url: 'file:///a.js',
  lineNumber,
  columnNumber: 4,
});

it('parseProfile joins nodes to a tree, counts from 1, and gives each sample its time', () => {
  const window = parseProfile({
    nodes: [
      { id: 1, callFrame: callFrame('(root)', -1), children: [2] },
      { id: 2, callFrame: callFrame('f', 9), hitCount: 2, positionTicks: [{ line: 11, ticks: 2 }] },
    ],
    startTime: 1000,
    endTime: 1500,
    samples: [2, 2, 99],
    timeDeltas: [100, 200, 1],
  });
  const [root, f] = window.nodes;
  expect(f).toMatchObject({
    functionName: 'f',
    line: 10,
    column: 5,
    hits: 2,
    lineHits: [{ line: 11, hits: 2 }],
  });
  expect(f?.parent).toBe(root);
  expect(root?.children).toEqual([f]);
  expect(window.samples).toEqual([f, f]); // a sample without a node is left out
  expect([...window.timesNs]).toEqual([1_100_000, 1_300_000]);
  expect([window.fromNs, window.toNs]).toEqual([1_000_000, 1_500_000]);
});

it('positions translate between counting from 0 and from 1', () => {
  expect(fromCdpPosition({ lineNumber: 0 })).toEqual({ line: 1, column: 1 });
  expect(toCdpPosition({ line: 3, column: 7 })).toEqual({ lineNumber: 2, columnNumber: 6 });
});
