import { flamePaths, splitLocation } from './flame-paths.ts';
import type { FlameGraph, FlameNode } from './graph-types.ts';

const units: Readonly<Record<string, string>> = { ns: 'nanoseconds', us: 'microseconds', ms: 'milliseconds', s: 'seconds', By: 'bytes' }; // prettier-ignore

/**
 * A flame graph in the file format of speedscope, as JSON text.
 *
 * @see https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 */
export function toSpeedscope(graph: FlameGraph, name: string): string {
  const frames: object[] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ location, name: of }: FlameNode): number => {
    const key = `${of}\n${location ?? ''}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const { file, line } = splitLocation(location);
    const number = frames.push({ name: of, ...(file !== '' && { file }), ...(line > 0 && { line }) }) - 1; // prettier-ignore
    numbers.set(key, number);
    return number;
  };
  const paths = flamePaths(graph);
  const samples = paths.map((path) => path.frames.map(numberOf));
  const weights = paths.map(({ weight }) => weight);
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'extension-events',
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [
      {
        type: 'sampled',
        name,
        unit: units[graph.unit] ?? 'none',
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples,
        weights,
      },
    ],
  });
}
