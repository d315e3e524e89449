// performance.now() is the cheapest clock that V8 offers; adding this thread's origin turns it into
// CLOCK_MONOTONIC nanoseconds, the time line that kernel samples are on too. Bound, so that a test
// library which later replaces it by a fake clock does not stop ours.
const nowMs = performance.now.bind(performance);
const originNs = calibrate();

function calibrate(): number {
  let best = Number.POSITIVE_INFINITY;
  let origin = 0;
  for (let i = 0; i < 5; i++) {
    const before = Number(process.hrtime.bigint());
    const now = nowMs();
    const after = Number(process.hrtime.bigint());
    if (after - before < best) {
      best = after - before;
      origin = Math.round((before + after) / 2 - now * 1e6);
    }
  }
  return origin;
}

/** CLOCK_MONOTONIC in nanoseconds, as a double: whole below 104 days of uptime, within 2 ns beyond. */
export function monotonicNs(): number {
  return originNs + nowMs() * 1e6;
}
