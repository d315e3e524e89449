// The wall clock when CLOCK_MONOTONIC was 0, as of now: it may be set, and a log runs for days.
function offsetMs(): number {
  return Date.now() - Number(process.hrtime.bigint()) / 1e6;
}

const renewMs = 60_000;
let offset = offsetMs();
let renewedAt = performance.now();

/** Local time of a CLOCK_MONOTONIC time stamp: `2026-07-30` and `12:34:56.789012`. */
export function wallClock(timestampNs: number): { readonly date: string; readonly time: string } {
  if (performance.now() - renewedAt > renewMs) {
    offset = offsetMs();
    renewedAt = performance.now();
  }
  const ms = offset + timestampNs / 1e6;
  const date = new Date(ms);
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  const micros = String(Math.floor((ms % 1) * 1000)).padStart(3, '0');
  return {
    date: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    time: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}${micros}`,
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
