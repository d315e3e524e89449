/** A number with its unit, for a person: `62.4 %`, `2.0 s`, `13 bytes`, `1873 samples`. */
export function formatQuantity(
  value: number | bigint,
  unit: string | undefined,
  name = '',
): string {
  if (unit === undefined || unit === '' || unit === '1') {
    return isShare(name, value) ? `${formatShare(value)} %` : formatNumber(value);
  }
  const durationNs = toNanoseconds(Number(value), unit);
  if (durationNs !== undefined) return formatDuration(durationNs);
  if (unit === '%') return `${formatNumber(value)} %`;
  if (unit === 'By') return plural(value, 'byte');
  const counted = /^\{(.+)\}$/.exec(unit)?.[1];
  return counted === undefined ? `${formatNumber(value)} ${unit}` : plural(value, counted);
}

/** Shares are numbers from 0 to 1 and are read as per cent. */
function isShare(name: string, value: number | bigint): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1 && /(share|ratio)$/i.test(name);
}

export function formatShare(share: number): string {
  const percent = share * 100;
  return percent === 0 || percent >= 0.1 ? percent.toFixed(1) : percent.toPrecision(1);
}

/** Digits in groups of three from 10 000 on; at most four significant digits after the point. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return group(value.toString());
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) {
    return Math.abs(value) < 1e21 ? group(value.toString()) : value.toString();
  }
  const text = Math.abs(value) >= 1000 ? value.toFixed(1) : Number(value.toPrecision(4)).toString();
  const [whole = '', fraction] = text.split('.');
  return fraction === undefined ? group(whole) : `${group(whole)}.${fraction}`;
}

function group(digits: string): string {
  return digits.replace('-', '').length < 5 ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function toNanoseconds(value: number, unit: string): number | undefined {
  const factors: Readonly<Record<string, number>> = {
    ns: 1,
    us: 1e3,
    µs: 1e3,
    ms: 1e6,
    s: 1e9,
    min: 6e10,
  };
  const factor = Object.hasOwn(factors, unit) ? factors[unit] : undefined;
  return factor === undefined ? undefined : value * factor;
}

/** `850 ns`, `12.5 µs`, `340 ms`, `2.0 s`, `3 min 20 s`. */
export function formatDuration(durationNs: number): string {
  const size = Math.abs(durationNs);
  if (size < 1e3) return `${formatNumber(Math.round(durationNs))} ns`;
  if (size < 1e6) return `${formatNumber(Number((durationNs / 1e3).toPrecision(3)))} µs`;
  if (size < 1e9) return `${formatNumber(Number((durationNs / 1e6).toPrecision(3)))} ms`;
  if (size < 120e9) return `${(durationNs / 1e9).toFixed(1)} s`;
  const seconds = Math.round(durationNs / 1e9);
  return `${Math.trunc(seconds / 60)} min ${Math.abs(seconds % 60)} s`;
}

export function plural(count: number | bigint, word: string): string {
  return `${formatNumber(count)} ${Number(count) === 1 ? word : `${word}s`}`;
}
