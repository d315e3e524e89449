/** A number for a narrow column: `1234`, `12.3k`, `4.56M`. */
export function formatCount(value: number): string {
  if (value < 10 && !Number.isInteger(value)) return value.toFixed(1);
  if (value < 10_000) return String(Math.round(value));
  const units = ['k', 'M', 'G', 'T'];
  let [rest, unit] = [value, ''];
  for (const next of units) {
    if (rest < 1000) break;
    [rest, unit] = [rest / 1000, next];
  }
  return `${rest.toFixed(rest >= 100 ? 0 : rest >= 10 ? 1 : 2)}${unit}`;
}

const times: readonly (readonly [unit: string, ns: number])[] = [['s', 1e9], ['ms', 1e6], ['µs', 1e3], ['ns', 1]]; // prettier-ignore
const bytes: readonly (readonly [unit: string, size: number])[] = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3], ['B', 1]]; // prettier-ignore

/** A number with its unit, in the size that reads best: `1.24 ms`, `12.5 kB`. */
export function formatQuantity(value: number, unit: string | undefined): string {
  if (unit === 'ns') return scale(value, times);
  if (unit === 'us') return scale(value * 1e3, times);
  if (unit === 'ms') return scale(value * 1e6, times);
  if (unit === 's') return scale(value * 1e9, times);
  if (unit === 'By') return scale(value, bytes);
  const shown = formatCount(value);
  return unit === undefined || unit === '1' || unit.startsWith('{') ? shown : `${shown} ${unit}`;
}

function scale(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, size] = units.find(([, least]) => Math.abs(value) >= least) ?? units.at(-1) ?? ['', 1]; // prettier-ignore
  const scaled = value / size;
  return `${scaled.toFixed(scaled >= 100 || Number.isInteger(scaled) ? 0 : scaled >= 10 ? 1 : 2)} ${unit}`;
}
