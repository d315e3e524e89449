import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { describe, expect, it } from 'vitest';
import type { FlameGraph, FlameNode } from './graph-types.ts';
import { toCpuProfile } from './to-cpu-profile.ts';
import { toPprof } from './to-pprof.ts';
import { toSpeedscope } from './to-speedscope.ts';

const leaf = (name: string, self: number, line: number): FlameNode => ({ name, location: `/app/x.js:${line}`, total: self, self, children: [] }); // prettier-ignore
const graph: FlameGraph = {
  root: {
    name: '(all)',
    total: 10,
    self: 0,
    children: [
      { name: 'main', location: '/app/x.js:1', total: 9, self: 2, children: [leaf('burn', 4, 7), leaf('rest', 3, 9)] }, // prettier-ignore
      { name: 'malloc', location: 'libc.so.6', total: 1, self: 1, children: [] },
    ],
  },
  stacks: 10,
  withoutStack: 0,
  truncated: 0,
  unit: 'ms',
  sinceMs: 1_800_000_000_000,
};

describe('a flame graph as a file', () => {
  it('of speedscope has each stack once, outermost first, with its weight', () => {
    const file = JSON.parse(toSpeedscope(graph, 'test')) as {
      shared: { frames: { name: string; file?: string; line?: number }[] };
      profiles: { unit: string; samples: number[][]; weights: number[]; endValue: number }[];
    };
    const [profile] = file.profiles;
    const names = profile?.samples.map((sample) => sample.map((n) => file.shared.frames[n]?.name));
    expect(names).toEqual([['main'], ['main', 'burn'], ['main', 'rest'], ['malloc']]);
    expect(profile).toMatchObject({ unit: 'milliseconds', weights: [2, 4, 3, 1], endValue: 10 });
    expect(file.shared.frames[1]).toEqual({ name: 'burn', file: '/app/x.js', line: 7 });
  });

  it('of pprof has them innermost first', () => {
    const profile = Profile.decode(gunzipSync(toPprof(graph, 'test')));
    const { strings } = profile.stringTable;
    const byId = new Map(profile.function.map((one) => [one.id, strings[Number(one.name)]]));
    const names = new Map(profile.location.map(({ id, line }) => [id, byId.get(line[0]?.functionId ?? 0)])); // prettier-ignore
    expect(profile.sample.map(({ locationId, value }) => [...locationId.map((id) => names.get(id)), Number(value[0])])).toEqual([['main', 2], ['burn', 'main', 4], ['rest', 'main', 3], ['malloc', 1]]); // prettier-ignore
    expect(profile.sampleType.map(({ type, unit }) => [strings[Number(type)], strings[Number(unit)]])).toEqual([['test', 'milliseconds']]); // prettier-ignore
  });

  it('of DevTools has a tree, and a sample of each stack as long as it weighs', () => {
    const profile = JSON.parse(toCpuProfile(graph, 'test')) as {
      nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children: number[]; hitCount: number }[]; // prettier-ignore
      samples: number[];
      timeDeltas: number[];
      endTime: number;
    };
    const nameOf = (id: number): string | undefined => profile.nodes.find((node) => node.id === id)?.callFrame.functionName; // prettier-ignore
    expect(profile.samples.map(nameOf)).toEqual(['main', 'burn', 'rest', 'malloc', '(root)']);
    expect(profile.timeDeltas).toEqual([0, 2000, 4000, 3000, 1000]);
    expect(profile.endTime).toBe(10_000);
    expect(profile.nodes[2]?.callFrame).toMatchObject({ url: 'file:///app/x.js', lineNumber: 6 });
    expect(profile.nodes.flatMap(({ children }) => children)).toEqual([2, 5, 3, 4]);
  });
});
