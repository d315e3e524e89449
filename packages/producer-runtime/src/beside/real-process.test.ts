import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, type Hit, lineOf, type Run, run } from '../../fixtures/run.ts';

const program = fixturePath('program.mjs');
const ownName = `globalThis[Symbol.for('extension-events.producer.runtime.v1')] !== undefined`;

// On a busy machine a thread may get no CPU to serve an interrupt in time: then the next telling has it.
const isPlaced = ({ payload }: Hit): boolean => payload['stack'] !== undefined;

describe('event-loop.stall', () => {
  it('is told while the loop is blocked, with the stack that blocks it, again at each doubling, and then once more when it is over', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 100 });
    const recoveries = await running.listen('event-loop.recovered', { thresholdMs: 100 });
    running.tell('spin 1700');
    const first = await stalls.first(isPlaced);
    expect(running.said.some((said) => said['did'] === 'spin')).toBe(false);
    expect(first).toMatchObject({
      subject: { tid: running.pid, threadId: 0 },
      payload: {
        state: 'script',
        function: 'spinInner',
        url: program,
        line: lineOf('program.mjs', 'while (performance.now() < endMs) sum'),
        functionLine: lineOf('program.mjs', 'function spinInner'),
        scriptUrl: `file://${program}`,
      },
    });
    expect(first?.payload['durationMs']).toBeGreaterThanOrEqual(100);
    expect(first?.payload['cpuMs']).toBeGreaterThan(0);
    const frames = String(first?.payload['stack']).split('\n');
    const [inner, caller] = frames.filter((frame) => frame.includes(program));
    expect(inner).toContain(`spinInner (${program}:`);
    expect(caller).toContain(`handleSlowRequest (${program}:`);
    const [recovery] = await recoveries.count(1);
    const told = stalls.heard().length;
    stalls.heard().forEach(({ payload }, index) => {
      expect(payload['count']).toBe(index + 1);
      expect(payload['durationMs']).toBeGreaterThanOrEqual(100 * 2 ** index);
    });
    expect(told).toBeLessThanOrEqual(5); // 100, 200, 400, 800, 1600
    expect(recovery?.payload).toMatchObject({ count: told, function: 'spinInner' });
    expect(recovery?.payload['durationMs']).toBeGreaterThan(Number(stalls.heard().at(-1)?.payload['durationMs']) - 1); // prettier-ignore
    expect(recovery?.timestampNs).toBeGreaterThan(stalls.heard().at(-1)?.timestampNs ?? Infinity);
  });

  it('names the built-in function that takes the time', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 150 });
    running.tell('pattern 2500');
    const stall = await stalls.first(isPlaced);
    expect(stall?.payload).toMatchObject({ function: 'handleSlowPattern', native: 'RegExp.test', state: 'script' }); // prettier-ignore
  });

  it('tells what can be known of a call that answers no interrupt, and which it was when it is over', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 200 });
    const recoveries = await running.listen('event-loop.recovered', { thresholdMs: 200 });
    running.tell('call 900');
    const [stall] = await stalls.count(1);
    expect(running.said.some((said) => said['did'] === 'call')).toBe(false);
    // Starting it takes time of its own on a busy machine.
    expect(['waiting', 'native']).toContain(stall?.payload['state']);
    expect(stall?.payload).not.toHaveProperty('stack');
    const [recovery] = await recoveries.count(1);
    expect(recovery?.payload['state']).toBe('waiting');
    expect(recovery?.payload).toMatchObject({ isAfter: true });
    expect(recovery?.payload['stack']).toContain('callOut');
  });

  it('does not blame what a thread comes to after a call that answers no interrupt', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 60 });
    const recoveries = await running.listen('event-loop.recovered', { thresholdMs: 60 });
    await running.do('parse', 2_000_000);
    const [recovery] = await recoveries.count(1);
    expect(recovery?.payload).toMatchObject({ state: 'native', isAfter: true });
    for (const { payload } of stalls.heard())
      expect(payload['function'] !== undefined).toBe(payload['isAfter'] === true);
  });

  it('tells a thread that waits in Atomics.wait', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 100 });
    running.tell('wait 2500');
    const stall = await stalls.first(isPlaced);
    expect(stall?.payload).toMatchObject({ state: 'waiting', function: 'waitForOthers', native: 'Atomics.wait' }); // prettier-ignore
  });

  it('tells worker threads, also one that is chosen, and none that are idle', async () => {
    await using running = await run();
    await running.do('worker', 'stays');
    await expect.poll(() => countWorkers(running), { timeout: 20_000 }).toBe(1);
    const recoveries = await running.listen('event-loop.recovered', { thresholdMs: 120 });
    const all = await running.listen('event-loop.stall', { thresholdMs: 120 });
    running.tell('post 1500');
    const stall = await all.first(isPlaced);
    expect(stall?.subject.threadId).toBeGreaterThan(0);
    expect(stall?.payload['url']).toBe(fixturePath('worker-stays.mjs'));
    expect(all.heard().every(({ subject }) => subject.threadId > 0)).toBe(true);
    await recoveries.count(1);
    const chosen = await running.listen('event-loop.stall', { thresholdMs: 100 }, { threadId: stall?.subject.threadId }); // prettier-ignore
    await running.do('spin', 300);
    expect(chosen.heard()).toEqual([]);
    const refused = running.listen('event-loop.stall', {}, { threadId: 77 });
    await expect(refused).rejects.toMatchObject({ code: 'EE_RUNTIME_NO_THREAD' });
  });

  it('is no matter of a debugger that holds the thread', async () => {
    await using running = await run();
    const stalls = await running.listen('event-loop.stall', { thresholdMs: 50 });
    running.order({ hold: true });
    await running.until((said) => said['held'] === true, 'the pause');
    await new Promise((resolve) => setTimeout(resolve, 400));
    running.order({ hold: false });
    await running.until((said) => said['released'] === true, 'the resume');
    await running.do('spin', 1);
    expect(stalls.heard()).toEqual([]);
  });

  it('leaves nothing behind in the thread', async () => {
    await using running = await run();
    const resources = `JSON.stringify(process.getActiveResourcesInfo().toSorted())`;
    const before = await running.look(resources);
    const idle = await countWakeUps(running.pid);
    const first = await running.listen('event-loop.stall', { thresholdMs: 100 });
    const second = await running.listen('event-loop.stall', { thresholdMs: 40 });
    expect(await running.look(resources)).toBe(before);
    const wakeUps = (): Promise<number> => countWakeUps(running.pid);
    await expect.poll(wakeUps, { timeout: 20_000 }).toBeGreaterThan(idle + 10);
    await second.unlisten();
    running.tell('spin 300');
    await first.count(1);
    await first.unlisten();
    await expect.poll(wakeUps, { timeout: 20_000 }).toBeLessThan(idle + 10);
    expect(await running.look(ownName)).toBe(false);
  });
});

// The loop of an idle thread wakes up for timers alone; the beats are some 20 and 50.
async function countWakeUps(tid: number): Promise<number> {
  const read = (): number => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${tid}/task/${tid}/status`, 'utf8'))?.[1]); // prettier-ignore
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return read() - before;
}

describe('heap.near-limit', () => {
  it('is told once for each halving of the room, with what the thread is doing', async () => {
    await using running = await run(['--max-old-space-size=300']);
    const near = await running.listen('heap.near-limit', { share: 0.2, everyMs: 20 });
    const megabytes = 60;
    running.tell(`fill ${megabytes}`);
    const [first] = await near.count(1);
    expect(first?.payload['share']).toBeGreaterThanOrEqual(0.2);
    // Where V8 gives up: its young generation does not count.
    expect(first?.payload['limitBytes']).toBe(300 * 2 ** 20);
    expect(Number(first?.payload['usedBytes']) / Number(first?.payload['limitBytes'])).toBe(first?.payload['share']); // prettier-ignore
    await running.until((said) => said['did'] === 'fill', 'full heap');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const shares = near.heard().map(({ payload }) => Number(payload['share']));
    for (let i = 1; i < shares.length; i++) {
      expect(shares[i]).toBeGreaterThanOrEqual(1 - (1 - (shares[i - 1] ?? 0)) / 2);
    }
  });
});

describe('workers', () => {
  it('are told with number, name and file as they start, and with the exit code as they end', async () => {
    await using running = await run();
    const started = await running.listen('worker.started');
    const exited = await running.listen('worker.exited');
    const said = await running.do('worker', 'short');
    expect(said['result']).toBe(0); // listeners of `exit` on it
    const [start] = await started.count(1);
    const [exit] = await exited.count(1);
    const file = fixturePath('worker-short.mjs');
    expect(start?.payload).toEqual({ threadId: start?.subject.threadId, name: 'the short one', file }); // prettier-ignore
    expect(exit?.payload).toMatchObject({ ...start?.payload, exitCode: 7 });
    expect(exit?.payload['durationMs']).toBeGreaterThan(0);
    expect(exit?.timestampNs).toBeGreaterThan(start?.timestampNs ?? Infinity);
  });

  it('of workers are told too, and those that were there before', async () => {
    await using running = await run();
    await running.do('worker', 'nested');
    await expect.poll(() => countWorkers(running), { timeout: 20_000 }).toBe(2);
    const exited = await running.listen('worker.exited');
    const started = await running.listen('worker.started');
    await running.do('end', 0);
    const exits = await exited.count(2);
    const byName = new Map(exits.map(({ payload }) => [payload['name'], payload]));
    expect(byName.get('the inner one')).toMatchObject({ exitCode: 3 });
    expect(byName.get('the nested one')).toMatchObject({ exitCode: 5 });
    expect(byName.get('the inner one')).not.toHaveProperty('durationMs');
    expect(started.heard()).toEqual([]);
    await exited.unlisten();
    await started.unlisten();
    await expect.poll(() => running.look(ownName), { timeout: 20_000 }).toBe(false);
    const onExit = `process.getBuiltinModule('node:worker_threads').Worker.prototype[Object.getOwnPropertySymbols(process.getBuiltinModule('node:worker_threads').Worker.prototype).find((s) => s.description === 'kOnExit')].toString()`;
    expect(await running.look(onExit)).toContain('hears end event');
  });

  it('that are terminated are told with exit code 1', async () => {
    await using running = await run();
    const exited = await running.listen('worker.exited');
    await running.do('worker', 'stays');
    await expect.poll(() => countWorkers(running), { timeout: 20_000 }).toBe(1);
    await running.do('terminate', 0);
    const [exit] = await exited.count(1);
    expect(exit?.payload).toMatchObject({ name: 'the stays one', exitCode: 1 });
    // One that has no time to start.
    running.tell('worker stays\nterminate 0');
    const [, unborn] = await exited.count(2);
    expect(unborn?.payload).toMatchObject({ threadId: unborn?.subject.threadId, exitCode: expect.any(Number) as number }); // prettier-ignore
  });
});

describe('exception.thrown with caught', () => {
  it('tells each, where it was thrown, and leaves the program its way', async () => {
    await using running = await run();
    const thrown = await running.listen('exception.thrown', { caught: true, maxPerSecond: 10_000 });
    const said = await running.do('throw', 31);
    expect(said['result']).toBe(31);
    const heard = await thrown.count(31);
    expect(heard).toHaveLength(31);
    expect(heard[30]?.payload).toMatchObject({
      name: 'RangeError',
      message: 'caught 30',
      isCaught: true,
      origin: 'throw',
      function: 'throwCaught',
      url: program,
      line: lineOf('program.mjs', 'throw Object.assign'),
    });
    await thrown.unlisten();
    await running.do('throw', 500);
    expect(thrown.heard()).toHaveLength(31);
  });

  it('rests when there are too many, and says so', async () => {
    await using running = await run();
    const thrown = await running.listen('exception.thrown', { caught: true, maxPerSecond: 7 });
    await running.do('throw', 5000);
    const before = thrown.heard().length;
    expect(before).toBeGreaterThanOrEqual(7);
    expect(before).toBeLessThan(5000);
    await expect
      .poll(
        async () => {
          await running.do('throw', 1);
          return thrown.heard().some(({ payload }) => String(payload['note']).startsWith('rested'));
        },
        { timeout: 20_000 },
      )
      .toBe(true);
  });
});

async function countWorkers(running: Run): Promise<number> {
  running.order({ count: true });
  const said = await running.until((each) => 'workers' in each, 'count');
  return Number(said.at(-1)?.['workers']);
}
