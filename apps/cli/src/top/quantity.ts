/** A number for a narrow column: `1234`, `12.3k`, `4.56M`. */
export function formatCount(value: number): string {
  const size = Math.abs(value);
  if (isExtreme(value)) return formatExtreme(value);
  if (size < 10 && !Number.isInteger(value)) return value.toFixed(1);
  if (size < 10_000) return String(Math.round(value));
  const units = ['k', 'M', 'G', 'T'];
  let [rest, unit] = [value, ''];
  for (const next of units) {
    if (Math.abs(rest) < 1000) break;
    [rest, unit] = [rest / 1000, next];
  }
  return `${rest.toFixed(places(rest))}${unit}`;
}

/** A digit or two behind the point, as long as they say something. */
function places(value: number): number {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : 2;
}

/** Is it told by its exponent? No prefix of a unit stands beside one. */
function isExtreme(value: number): boolean {
  const size = Math.abs(value);
  return !(size < 1e15) || (size > 0 && size < 1e-6);
}

function formatExtreme(value: number): string {
  if (Number.isNaN(value)) return '–';
  return Number.isFinite(value) ? value.toExponential(2).replace(/\.?0*e/, 'e') : String(value);
}

const times: readonly (readonly [unit: string, ns: number])[] = [['s', 1e9], ['ms', 1e6], ['µs', 1e3], ['ns', 1]]; // prettier-ignore
const bytes: readonly (readonly [unit: string, size: number])[] = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3], ['B', 1]]; // prettier-ignore

/** A number with its unit, in the size that reads best: `1.24 ms`, `12.5 kB`. */
export function formatQuantity(value: number, unit: string | undefined): string {
  if (unit === undefined || unit === '1' || unit.startsWith('{')) return formatCount(value);
  if (isExtreme(value)) return `${formatExtreme(value)} ${unit === 'By' ? 'B' : unit}`;
  if (unit === 'ns') return scale(value, times);
  if (unit === 'us') return scale(value * 1e3, times);
  if (unit === 'ms') return scale(value * 1e6, times);
  if (unit === 's') return scale(value * 1e9, times);
  if (unit === 'By') return scale(value, bytes);
  return `${formatCount(value)} ${unit}`;
}

function scale(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, size] = units.find(([, least]) => Math.abs(value) >= least) ?? units.at(-1) ?? ['', 1]; // prettier-ignore
  const scaled = value / size;
  return `${scaled.toFixed(Number.isInteger(scaled) ? 0 : places(scaled))} ${unit}`;
}
