/** Threads that compute for long without a pause. */
export const cpuBurst = `# cpu.burst: a thread has been computing for burst_ms milliseconds without a pause (Node), or used most
# of a CPU for half a second (any process). Of Node threads the place that computes is told, while it does.
event cpu.burst {
  source: string, # event-loop or cpu-share
  durationMs: f64?,
  share: f64?,
  function: string?,
  url: string?,
  line: u32?,
  stack: stack?,
}

global burst_ms = 200, burst_share = 0.9;

# Stalls are told again whenever their time has doubled: only the first that is long enough counts.
probe await event-loop.stall(thresholdMs=50) {
  if (state == "waiting" || durationMs < burst_ms) next;
  if (count > 1 && durationMs >= 2 * burst_ms) next;
  throw event cpu.burst {
    source = "event-loop",
    durationMs = durationMs,
    function = function,
    url = url,
    line = line,
    stack = $stack,
  };
}

probe await perfmon.threshold(resource="cpu-share", above=0.5, everyMs=500) {
  if (value >= burst_share) throw event cpu.burst { source = "cpu-share", share = value };
}
`;
