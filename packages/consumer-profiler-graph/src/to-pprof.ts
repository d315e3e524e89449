import { gzipSync } from 'node:zlib';
import { Function as PprofFunction, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format'; // prettier-ignore
import { flamePaths, splitLocation } from './flame-paths.ts';
import type { FlameGraph, FlameNode } from './graph-types.ts';

/**
 * A flame graph as a gzipped `profile.proto`. Weights are whole numbers there: they are rounded.
 *
 * @see https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function toPprof(graph: FlameGraph, name: string): Uint8Array {
  const stringTable = new StringTable();
  const text = (of: string): number => stringTable.dedup(of);
  const functions = new Map<string, PprofFunction>();
  const locations = new Map<string, Location>();
  const functionOf = (node: FlameNode, file: string): PprofFunction => {
    const key = `${node.name}\n${file}`;
    const known = functions.get(key);
    if (known !== undefined) return known;
    const made = new PprofFunction({ id: functions.size + 1, name: text(node.name), systemName: text(node.name), filename: text(file) }); // prettier-ignore
    functions.set(key, made);
    return made;
  };
  const locationOf = (node: FlameNode): Location => {
    const key = `${node.name}\n${node.location ?? ''}`;
    const known = locations.get(key);
    if (known !== undefined) return known;
    const { file, line } = splitLocation(node.location);
    const lines = [new Line({ functionId: functionOf(node, file).id, line })];
    const made = new Location({ id: locations.size + 1, line: lines });
    locations.set(key, made);
    return made;
  };
  // Innermost frame first, as the format wants it.
  const sample = flamePaths(graph).map(({ frames, weight }) => new Sample({ locationId: frames.map((node) => locationOf(node).id).toReversed(), value: [Math.round(weight)] })); // prettier-ignore
  const type = new ValueType({ type: text(name), unit: text(unitOf(graph.unit)) });
  const profile = new Profile({
    sampleType: [type],
    sample,
    location: [...locations.values()],
    function: [...functions.values()],
    stringTable,
    timeNanos: BigInt(Math.round(graph.sinceMs)) * 1_000_000n,
    periodType: type,
    period: 1,
  });
  return gzipSync(profile.encode());
}

const units: Readonly<Record<string, string>> = { ns: 'nanoseconds', us: 'microseconds', ms: 'milliseconds', s: 'seconds', By: 'bytes' }; // prettier-ignore

function unitOf(unit: string): string {
  return units[unit] ?? (unit === '1' || unit.startsWith('{') ? 'count' : unit);
}
