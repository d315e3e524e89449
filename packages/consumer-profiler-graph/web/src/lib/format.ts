/** Numbers as people read them. */

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 6e10 }; // prettier-ignore

/** Whole counts, in groups of three: `12 345` with thin spaces would not be found by a search, so `12,345`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count) || Math.abs(count) >= largest) return formatExtreme(count);
  return Math.round(count).toLocaleString('en-US');
}

const largest = 1e15;
const smallest = 1e-6;

/** Is it told by its exponent? No prefix of a unit stands beside one. */
function isExtreme(value: number): boolean {
  const size = Math.abs(value);
  return size >= largest || (size > 0 && size < smallest);
}

/** `1e+308`, `2.5e-9`; what is no number by its name. */
function formatExtreme(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toExponential(2).replace(/\.?0*e/, 'e');
}

/** A rate for a narrow place: `0`, `0.4`, `12`, `3.4k`, `1.2M`. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value) || isExtreme(value)) return formatExtreme(value);
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return size >= 10 ? value.toFixed(0) : value.toFixed(size >= 1 ? 1 : 2).replace(/\.?0+$/, '') || '0'; // prettier-ignore
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
}

/** A number with its unit: `13 B`, `1.4 ms`, `62 %`, `1,873 samples`. */
export function formatQuantity(value: number, unit: string | undefined, name = ''): string {
  const factor = unit === undefined || !Object.hasOwn(nanoseconds, unit) ? undefined : nanoseconds[unit]; // prettier-ignore
  if (factor !== undefined) {
    const durationNs = value * factor;
    // So many seconds are no time any more.
    const isTime = Number.isFinite(durationNs) && Math.abs(durationNs) < largest * 1e9 && !(value !== 0 && Math.abs(durationNs) < smallest); // prettier-ignore
    return isTime ? formatDuration(durationNs) : `${formatExtreme(value)} ${unit}`;
  }
  if (unit === 'By') return formatBytes(value);
  if (unit === '%') return `${formatNumber(value)} %`;
  if (unit === undefined || unit === '' || unit === '1') {
    const isShare = /(share|ratio)$/i.test(name) && value >= 0 && value <= 1;
    if (isShare) return `${formatNumber(value * 100)} %`;
    return namesSomething(name) && !isExtreme(value) ? String(Number(value.toFixed(1))) : formatNumber(value); // prettier-ignore
  }
  const counted = /^\{(.+)\}$/.exec(unit)?.[1];
  if (counted === undefined) return `${formatNumber(value)} ${unit}`;
  return `${formatNumber(value)} ${counted}${value === 1 ? '' : 's'}`;
}

// A port or a process number counts nothing: it is read digit by digit, and looked for elsewhere.
const naming = /(?:^|[_.-])(?:port|id)$|(?:Port|Id)$|(?:[Pp]id|[Tt]id|[Ff]d|[Ss]tatus|[Cc]ode)$/;

/** Does a number of this name stand for a thing, rather than count or measure? */
export function namesSomething(name: string): boolean {
  return naming.test(name);
}

export function formatNumber(value: number): string {
  if (!Number.isFinite(value) || isExtreme(value)) return formatExtreme(value);
  if (Number.isInteger(value)) return value.toLocaleString('en-US', { useGrouping: Math.abs(value) >= 10_000 }); // prettier-ignore
  return Math.abs(value) >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 1 }) : String(Number(value.toPrecision(4))); // prettier-ignore
}

const three = (value: number): string => String(Number(value.toPrecision(3)));

/** `850 ns`, `12.5 µs`, `340 ms`, `2.1 s`, `3 min 20 s`. */
export function formatDuration(durationNs: number): string {
  const size = Math.abs(durationNs);
  if (size < 1e3) return `${three(durationNs)} ns`;
  if (size < 1e6) return `${three(durationNs / 1e3)} µs`;
  if (size < 1e9) return `${three(durationNs / 1e6)} ms`;
  if (size < 120e9) return `${three(durationNs / 1e9)} s`;
  const seconds = Math.round(durationNs / 1e9);
  if (seconds < 7200) return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.trunc(seconds / 60)} min ${seconds % 60} s`; // prettier-ignore
  const minutes = Math.round(seconds / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.trunc(minutes / 60)} h ${minutes % 60} min`; // prettier-ignore
}

export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || isExtreme(bytes)) return `${formatExtreme(bytes)} B`;
  const size = Math.abs(bytes);
  if (size < 10_000) return `${formatNumber(Math.round(bytes))} B`;
  if (size < 1_048_576) return `${Number((bytes / 1024).toPrecision(3))} KiB`;
  if (size < 1_073_741_824) return `${Number((bytes / 1_048_576).toPrecision(3))} MiB`;
  return `${Number((bytes / 1_073_741_824).toPrecision(3))} GiB`;
}

export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time of day, `14:03:05`. */
export function formatTime(timeMs: number): string {
  const time = new Date(timeMs);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** With milliseconds, `14:03:05.042`. */
export function formatExactTime(timeMs: number): string {
  return `${formatTime(timeMs)}.${String(Math.floor(timeMs) % 1000).padStart(3, '0')}`;
}
