import { describe, expect, it } from 'vitest';
import type { Fields } from '@extension-events/core';
import type { RunEnd } from './types.ts';
import { ScriptRun } from './script-run.ts';
import { check, TestSide, TestThread } from './testing/threads.ts';
import { settle, VirtualClock } from './testing/virtual-clock.ts';

const types = {
  'net.send': { len: { type: 'u32' }, port: { type: 'u32' }, peer: { type: 'string', optional: true } }, // prettier-ignore
} as const;

interface Running {
  readonly run: ScriptRun;
  readonly side: TestSide;
  readonly clock: VirtualClock;
  readonly threads: readonly TestThread[];
  /** What begin, end and timer probes have printed. */
  output(): string;
}

function start(text: string, threadCount = 1): Running {
  const clock = new VirtualClock();
  const threads = Array.from({ length: threadCount }, (_, number) => new TestThread(number, types));
  const side = new TestSide(threads, clock);
  const printed: string[] = [];
  const [first] = threads;
  if (first === undefined) throw new Error('no thread');
  const run = new ScriptRun({
    run: 'r1',
    name: 'test.ev',
    ...check(text, first.registry),
    side,
    output: (line) => printed.push(line),
    clock,
  });
  side.onStopped = (reason) => run.stopped(reason);
  side.onExit = () => run.exited();
  return { run, side, clock, threads, output: () => printed.join('') };
}

async function finish({ clock, run }: Running): Promise<RunEnd> {
  run.stop();
  await clock.advance(0);
  return run.ended;
}

it('runs begin before it is installed, timers on merged state, and end on everything', async () => {
  const running = start(
    `global n = 100, sizes
     probe begin { n = 5; printf("begin %d\\n", n) }
     probe net.send { n++; sizes[port] <<< len }
     probe timer.s(1) { printf("%d %d\\n", n, @sum(sizes[80])); delete sizes }
     probe end { printf("end %d %d\\n", n, @count(sizes[80])) }`,
    2,
  );
  const { clock, threads } = running;
  await settle();
  for (const thread of threads) thread.post('net.send', { len: 10, port: 80 });
  await clock.advance(1000);
  threads[1]?.post('net.send', { len: 1, port: 80 });
  await clock.advance(1500);
  threads[0]?.post('net.send', { len: 2, port: 80 });
  expect(await finish(running)).toMatchObject({ why: 'asked', skippedTicks: 0 });
  expect(running.output()).toBe('begin 5\n7 20\n8 1\nend 9 1\n');
  expect(threads[0]?.registry.tryGetEventType('net.send')?.hasListeners).toBe(false);
});

it('leaves ticks out that a slow merge has missed, and stays in step', async () => {
  const running = start(
    `global n
     probe net.send { n++ }
     probe timer.ms(100) { printf("%d ", timestamp_ns() / 1000000 - 1000) }`,
  );
  const { clock, side } = running;
  const collect = side.collect.bind(side);
  let isSlow = false;
  side.collect = async () => {
    if (isSlow) clock.pass(250);
    isSlow = false;
    return collect();
  };
  await settle();
  await clock.advance(100);
  isSlow = true;
  await clock.advance(500);
  // Due at 200, run at 450; the ticks at 300 and 400 are left out, and 500 is on time.
  expect(running.output()).toBe('100 450 450 500 600 ');
  const { skippedTicks } = await finish(running);
  expect(skippedTicks).toBe(1);
});

it('lets threads know of each other', async () => {
  const running = start(
    `global total
     probe net.send { total += len; if (total > 25) { throw event many } }
     event many`,
    2,
  );
  const { clock, side, threads } = running;
  const heard: number[] = [];
  await settle();
  threads.forEach(({ registry }, number) => registry.listen('many', () => heard.push(number)));
  await clock.advance(1000); // finds out that there are two
  threads[0]?.post('net.send', { len: 20, port: 1 });
  await clock.advance(250);
  threads[1]?.post('net.send', { len: 10, port: 1 });
  await settle();
  expect(heard).toEqual([1]);
  expect(side.calls.filter((call) => call === 'apply').length).toBeGreaterThan(1);
  expect(await finish(running)).toMatchObject({ why: 'asked' });
});

it('has what a thread did until a second before it vanished', async () => {
  const running = start('global n probe net.send { n++ } probe end { print(n) }', 2);
  const { clock, side, threads } = running;
  await settle();
  for (const thread of threads) thread.post('net.send', { len: 1, port: 1 });
  await clock.advance(1000);
  threads[1]?.post('net.send', { len: 1, port: 1 });
  expect(side.calls).toEqual(['install', 'collect']);
  if (threads[1] !== undefined) threads[1].instance = undefined;
  expect(await finish(running)).toMatchObject({ why: 'asked', merges: 2 });
  expect(running.output()).toBe('2\n');
});

it('ends after exit() in a thread, with the end probes', async () => {
  const running = start(
    `global n
     probe net.send { n++; if (n == 2) { exit() } }
     probe end { printf("%d\\n", n) }`,
  );
  await settle();
  for (let i = 0; i < 5; i++) running.threads[0]?.post('net.send', { len: 1, port: 1 });
  await running.clock.advance(0);
  expect(await running.run.ended).toMatchObject({ why: 'exit' });
  expect(running.output()).toBe('2\n');
});

it('never installs a script that exits at its beginning', async () => {
  const running = start(`probe begin { exit() } probe end { print("over") }`);
  await running.clock.advance(0);
  expect(await running.run.ended).toMatchObject({ why: 'exit' });
  expect(running.side.calls).toEqual([]);
  expect(running.output()).toBe('over\n');
});

it('posts what timer and end probes throw while the event is there', async () => {
  const running = start(
    `event tick { n: u64 }
     global n
     probe timer.s(1) { n++; throw event tick { n = n } }
     probe end { throw event tick { n = 99 } }`,
  );
  const heard: unknown[] = [];
  await settle();
  running.threads[0]?.registry.listen('tick', ({ payload }) => heard.push(payload));
  await running.clock.advance(2000);
  await finish(running);
  await settle();
  expect(heard).toEqual([{ n: 1n }, { n: 2n }, { n: 99n }]);
});

describe('globals that only an awaited event fills', () => {
  const text = `global who, last, sizes, pairs
    probe await lucky13 { who[peer]++; last = peer; sizes[peer] <<< n; pairs[peer, n] = ok }
    probe timer.s(1) { foreach (peer in who) printf("%s %d;", peer, who[peer]) }
    probe end { foreach ([peer, n] in pairs) printf(" %s %d %s", peer, n, pairs[peer, n]); printf(" %s %d", last, @sum(sizes["b"])) }`;
  const fields = { peer: { type: 'string' }, n: { type: 'u32' }, ok: { type: 'bool' } } as const;
  const come = ({ threads }: Running, thread: number, own: Fields = fields) => threads[thread]?.registry.registerEventType({ name: 'lucky13', description: '', fields: own }); // prettier-ignore

  it('hold what the event has, in the timer and end probes too', async () => {
    const running = start(text, 2);
    const { clock } = running;
    await clock.advance(1000);
    const first = come(running, 0);
    first?.post({ peer: 'a', n: 13, ok: true });
    first?.post({ peer: 'a', n: 13, ok: true });
    await clock.advance(1000);
    // It comes later to the other thread.
    come(running, 1)?.post({ peer: 'b', n: 7, ok: false });
    expect(await finish(running)).toMatchObject({ why: 'asked' });
    expect(running.output()).toBe('a 2; a 13 true b 7 false b 7');
  });

  it('are empty when it never came', async () => {
    const running = start(text);
    await running.clock.advance(1000);
    expect(await finish(running)).toMatchObject({ why: 'asked' });
    expect(running.output()).toBe(' 0 0');
  });

  it('end the script when two threads do not agree', async () => {
    const running = start(
      'global who probe await lucky13 { who[peer]++ } probe timer.s(1) { print(count(who)) }',
      2,
    );
    await running.clock.advance(1000);
    come(running, 0)?.post({ peer: 'a', n: 1, ok: true });
    come(running, 1, { ...fields, peer: { type: 'u16' } })?.post({ peer: 1, n: 1, ok: true });
    await running.clock.advance(1000);
    const { error, why } = await running.run.ended;
    expect({ why, code: error?.code }).toEqual({ why: 'error', code: 'EE_SCRIPT_TYPE' });
    expect(error?.message).toBe(
      'who is filled with a string in one thread and a number in another.',
    );
  });

  it('end the script without its end probes where these do not fit what the event has', async () => {
    const running = start('global who, seen probe await lucky13 { who[peer]++; seen++ } probe end { k = 0; print(seen); foreach (k in who) print(k) }'); // prettier-ignore
    await running.clock.advance(1000);
    come(running, 0)?.post({ peer: 'a', n: 1, ok: true });
    await running.clock.advance(1000);
    expect(await running.run.ended).toMatchObject({ error: { code: 'EE_SCRIPT_TYPE' } });
    // It cannot tell what there was, and does not tell of nothing.
    expect(running.output()).toBe('');
  });

  it('end the script when they do not fit what was made of them before', async () => {
    const running = start(
      'global last probe await lucky13 { last = peer } probe net.send { if (last > 1) { exit() } }',
    );
    await settle();
    running.threads[0]?.post('net.send', { len: 1, port: 1 });
    come(running, 0);
    await running.clock.advance(0);
    const { error } = await running.run.ended;
    expect(error).toMatchObject({ code: 'EE_SCRIPT_TYPE' });
    expect(error?.message).toContain('last holds a number, and this is a string.');
  });

  it('are told to threads that read them before the event has come there', async () => {
    const running = start(
      `global last, seen
       probe await lucky13 { last = peer }
       probe await other { seen = last; printf("%s;", seen) }`,
      2,
    );
    const { clock, threads } = running;
    const printed: unknown[] = [];
    await settle();
    threads[1]?.registry.listen('script.output', ({ payload }) => printed.push(payload['text']));
    await clock.advance(1000);
    come(running, 0)?.post({ peer: 'a', n: 1, ok: true });
    await clock.advance(500);
    threads[1]?.registry.registerEventType({ name: 'other', description: '', fields: {} }).post({});
    await settle();
    expect(printed).toEqual(['a;']);
    expect(await finish(running)).toMatchObject({ why: 'asked' });
  });
});

describe('against its will', () => {
  it('ends with the error of the thread that stopped it', async () => {
    const running = start('global n, sum probe net.send { sum += $len; while ($len > 9) n++ } probe end { print(sum); throw event late } event late'); // prettier-ignore
    await settle();
    for (const len of [3, 4, 10]) running.threads[0]?.post('net.send', { len, port: 1 });
    await running.clock.advance(0);
    expect(await running.run.ended).toMatchObject({
      why: 'error',
      error: {
        code: 'EE_SCRIPT_BUDGET',
        message: expect.stringMatching(/ It was probe net\.send at test\.ev:1\.$/) as string,
      },
    });
    // What it has gathered until then is told; its events are gone.
    expect(running.output()).toBe('17\n');
    expect(running.side.calls.at(-1)).toBe('remove');
  });

  it('ends with an error when a timer probe runs over its budget', async () => {
    const running = start('global n probe timer.s(1) { while (true) n++ } probe end { print(n > 0) }'); // prettier-ignore
    await running.clock.advance(1000);
    expect(await running.run.ended).toMatchObject({
      why: 'error',
      error: {
        code: 'EE_SCRIPT_BUDGET',
        message: expect.stringMatching(/ It was probe timer\.s\(1\) at test\.ev:1\.$/) as string,
      },
    });
    expect(running.output()).toBe('true\n');
  });

  it('ends with the error of a thread that refuses it', async () => {
    const running = start('event lucky13 probe net.send { throw event lucky13 } probe end { print("no") }'); // prettier-ignore
    running.threads[0]?.registry.registerEventType({
      name: 'lucky13',
      description: '',
      fields: { n: { type: 'u8' } },
    });
    await running.clock.advance(0);
    expect(await running.run.ended).toMatchObject({
      why: 'error',
      error: { code: 'EE_SCRIPT_CONFLICT' },
    });
    expect(running.output()).toBe('');
  });

  it('runs no end probe when the begin probe has failed', async () => {
    const running = start('global n probe begin { while (true) n++ } probe end { print("no") }');
    await running.clock.advance(0);
    expect(await running.run.ended).toMatchObject({ why: 'error' });
    expect(running.output()).toBe('');
  });

  it('counts the threads whose last share is missing', async () => {
    const running = start('global n probe net.send { n++ } probe end { print(n) }');
    await settle();
    running.threads[0]?.post('net.send', { len: 1, port: 1 });
    running.run.threadEnded({ globals: [], hasExited: false, isMissing: true });
    expect(await finish(running)).toMatchObject({ why: 'asked', missingShares: 1 });
    expect(running.output()).toBe('1\n');
  });

  it('runs the end probes on the last shares of a target that has ended', async () => {
    const running = start('global n probe net.send { n++ } probe end { printf("%d\\n", n) }');
    await settle();
    running.threads[0]?.post('net.send', { len: 1, port: 1 });
    const share = running.threads[0]?.instance?.collect();
    running.side.remove = async () => {
      throw new Error('the connection has ended');
    };
    running.run.targetEnded(share && [share]);
    await running.clock.advance(0);
    expect(await running.run.ended).toMatchObject({ why: 'target' });
    expect(running.output()).toBe('1\n');
  });
});
