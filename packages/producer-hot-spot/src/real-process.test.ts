import { describe, expect, it } from 'vitest';
import { compile, fixturePath, lineOf, node, run } from '../fixtures/run.ts';
import type { Run, Said } from '../fixtures/run.ts';

const nodeMajor =
  node === process.execPath
    ? Number(process.versions.node.split('.')[0])
    : Number(process.env['EE_NODE_MAJOR'] ?? 24);

const cases = fixturePath('cases.mjs');

const isHotSpot = (said: Said): boolean => said.name === 'hot-spot';

/** The first hot spot that is not about the fixture's own scaffolding. */
function firstHotSpot(running: Run): Promise<Said> {
  return running.until(isHotSpot, 'hot spot');
}

/** Function, file name, line and native part of a payload. */
function place({ payload }: Said): object {
  const { native } = payload;
  const seen = {
    function: payload.function,
    file: payload.url.split('/').at(-1),
    line: payload.line,
  };
  return native === undefined ? seen : { ...seen, native };
}

describe('in a running process', () => {
  it('names a plain hot function with file, line and column', async () => {
    await using running = await run([cases, 'plain']);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: 'plainHot', file: 'cases.mjs' });
    expectLine(said.payload.line, 'cases.mjs', 'i < 2e6', 2);
    expect(said.payload.column).toBeGreaterThan(1);
    expect(said.payload.confirmed).toBe(true);
    expect(said.payload.url).toBe(cases);
    expect(said.payload.scriptUrl).toBe(`file://${cases}`);
    expect(said.payload.hits).toBe(40);
    expect(said.payload.stack.split('\n')[0]).toContain(`plainHot (${cases}:`);
    expect(said.subject).toEqual({ tid: running.pid, threadId: 0 });
  });

  it('names code that was optimized on stack before the profiler came, not its caller', async () => {
    await using running = await run([cases, 'endless']);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: 'endlessLoop', file: 'cases.mjs' });
    expectLine(said.payload.line, 'cases.mjs', 'for (let i = 0; ; i++)', 3);
  });

  it('names an inlined callee in another file', async () => {
    await using running = await run([cases, 'inlined']);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: 'mixMany', file: 'callee.mjs' });
    expectLine(said.payload.line, 'callee.mjs', 'i < count', 2);
  });

  it('names a hot loop in a worker thread, with that thread', async () => {
    await using running = await run([cases, 'worker']);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: 'spinsInWorker', file: 'worker.mjs' });
    expect(said.subject.threadId).toBeGreaterThan(0);
    expect(said.subject.tid).not.toBe(running.pid);
  });

  it('names methods and anonymous functions', async () => {
    await using method = await run([cases, 'method']);
    expect(place(await firstHotSpot(method))).toMatchObject({
      function: 'multiply',
      file: 'cases.mjs',
    });
    await using anonymous = await run([cases, 'anonymous']);
    const said = await firstHotSpot(anonymous);
    expectLine(said.payload.line, 'cases.mjs', 'function (count) {', 5);
  });

  it('shows TypeScript through its source map, and keeps the generated place for breakpoints', async () => {
    await using running = await run([await compile('mapped.ts')]);
    const { payload } = await firstHotSpot(running);
    expect(payload.url).toBe(fixturePath('mapped.ts'));
    expectLine(payload.line, 'mapped.ts', 'i < count', 2);
    expect(payload.function).toBe('countCorners');
    expect(payload.scriptUrl).toMatch(/mapped\.mjs$/);
    expect(payload.scriptLine).not.toBe(payload.line);
  });

  it.runIf(nodeMajor >= 22)('shows TypeScript whose types Node stripped', async () => {
    await using running = await run([fixturePath('stripped.ts')]);
    const { payload } = await firstHotSpot(running);
    expect(payload.url).toBe(fixturePath('stripped.ts'));
    expect(payload.function).toBe('weigh');
    expectLine(payload.line, 'stripped.ts', 'const item of', 2);
  });

  it.runIf(nodeMajor >= 22 && nodeMajor < 26)(
    'shows TypeScript that was compiled in memory, through the map that Node keeps',
    async () => {
      const flags = ['--experimental-transform-types'];
      await using running = await run([fixturePath('mapped.ts')], { flags });
      const { payload } = await firstHotSpot(running);
      expect(payload.url).toBe(fixturePath('mapped.ts'));
      expectLine(payload.line, 'mapped.ts', 'i < count', 2);
    },
  );

  it.each([
    ['json', 'parsesJson', 'JSON.parse(text)', /^JSON\.parse$/],
    ['regexp', 'backtracks', 'evil.test(', /^RegExp/],
    ['crypto', 'derivesKey', 'pbkdf2Sync(', /^pbkdf2Sync$/],
    ['sort', 'sorts', 'copy.sort()', /sort$/],
    ['buffer', 'encodes', "toString('base64')", /^toString$/],
  ])('charges native code to the line that calls it: %s', async (kind, name, text, native) => {
    await using running = await run([cases, kind]);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: name, line: lineOf('cases.mjs', text) });
    expect(said.payload.native).toMatch(native);
  });

  it('posts again and again for the N-th hit, each time after the time that it carries', async () => {
    await using running = await run([cases, 'plain'], {
      listens: [{ name: 'hot-spot', request: { cooldownMs: 0, hits: 10 } }],
    });
    const hotSpots = (): Said[] => running.said.filter(isHotSpot);
    await running.until(() => hotSpots().length >= 5, 'five hot spots');
    // How late is a matter of the machine: the bench measures it.
    expect(hotSpots().every((said) => said.lateMs > 0 && said.payload.hits >= 10)).toBe(true);
  });

  it('posts nothing for an idle process', async () => {
    // A candidate is posted by a busy process alone too, so the busy worker of the second run tells when it is time.
    await using idle = await run([cases, 'idle'], {
      listens: [{ name: 'hot-spot' }, { name: 'hot-spot.candidate', request: { everyMs: 500 } }],
    });
    await using busy = await run([cases, 'plain']);
    await idle.until((said) => said.armed !== undefined, 'arming');
    await firstHotSpot(busy);
    expect(idle.said.filter((said) => said.payload !== undefined)).toEqual([]);
  });

  it('finds the hot function of a thread that is busy only partly', async () => {
    await using running = await run([cases, 'partly']);
    const said = await firstHotSpot(running);
    expect(place(said)).toMatchObject({ function: 'littleAlpha', file: 'cases.mjs' });
    expect(said.payload.share).toBeGreaterThan(0.1);
  });

  it('does not take waiting for work', async () => {
    await using running = await run([cases, 'waits']);
    const said = await firstHotSpot(running);
    expect(said.payload.native ?? '').not.toContain('wait');
    expect(said.payload.share).toBeLessThanOrEqual(1);
  });

  it('gives two armings of one thread their own events', async () => {
    await using running = await run([cases, 'plain'], {
      listens: [
        { name: 'hot-spot', request: { hits: 5 } },
        { name: 'hot-spot', request: { hits: 60, frequencyHz: 100 } },
        { name: 'hot-spot', request: { by: 'line', hits: 20 } },
      ],
    });
    const hits: number[] = [];
    for (const listen of [0, 1, 2]) {
      const said = await running.until(
        (each) => each.listen === listen && isHotSpot(each),
        `event of ${listen}`,
      );
      hits.push(said.payload.hits);
    }
    expect(hits).toEqual([5, 60, 20]);
    const [first, second] = [0, 1].map((listen) =>
      running.said.find((said) => said.listen === listen),
    );
    expect(second?.sinceArmedMs).toBeGreaterThan(first?.sinceArmedMs ?? 0);
  });

  it('tells the hottest place while nothing reaches the share', async () => {
    await using running = await run([cases, 'inlined'], {
      listens: [{ name: 'hot-spot.candidate', request: { share: 1, everyMs: 500 } }],
    });
    const said = await running.until((each) => each.name === 'hot-spot.candidate', 'candidate');
    expect(place(said)).toMatchObject({ function: 'mixMany', file: 'callee.mjs' });
    expect(said.payload.share).toBeGreaterThan(0.3);
  });

  it('posts single samples with stacks at their own rate', async () => {
    await using running = await run([cases, 'method'], { listens: [{ name: 'hot-spot.sample' }] });
    await running.until(() => running.said.length > 40, 'forty samples');
    const samples = running.said.filter((said) => said.name === 'hot-spot.sample');
    expect(samples.at(-1)?.payload.stack).toContain(`${cases}:`);
    const [first, last] = [samples[0], samples.at(-1)];
    const seconds = ((last?.timestampNs ?? 0) - (first?.timestampNs ?? 0)) / 1e9;
    expect(samples.length / seconds).toBeLessThan(60);
  });

  it('does not count what is sampled while a debugger holds the thread', async () => {
    await using running = await run([cases, 'plain'], {
      listens: [{ name: 'hot-spot', request: { cooldownMs: 0, share: 0.9 } }],
      holdAfterMs: 1500,
      holdMs: 2500,
    });
    await running.until((said) => said.held !== undefined, 'end of the hold');
    const afterHold = running.said.filter(isHotSpot).length;
    await running.until(
      () => running.said.filter(isHotSpot).length > afterHold,
      'hot spot after the hold',
    );
    const functions = new Set(running.said.filter(isHotSpot).map((said) => said.payload.function));
    expect([...functions]).toEqual(['plainHot']);
  });
});

/** Within the lines that start with the one that holds this text. */
function expectLine(line: number, fixture: string, text: string, count: number): void {
  const first = lineOf(fixture, text);
  expect(line).toBeGreaterThanOrEqual(first);
  expect(line).toBeLessThan(first + count);
}
