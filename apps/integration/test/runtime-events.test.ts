/** What the runtime does to a real server: blocked loops, collections, failures. Needs the built packages. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Child, startFixture } from './support-cli/child.ts';
import { readLines, startExtev } from './support-cli/extev.ts';

async function startShop(): Promise<{ shop: Child; get: (path: string) => Promise<unknown> }> {
  const shop = startFixture('shop.mjs');
  await shop.says('ready');
  const port = /ready (\d+)/.exec(shop.stdout)?.[1];
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return answer.json();
  };
  return { shop, get };
}

// The loop of an idle server sleeps; one that is watched beats, 50 times in this time.
async function countWakeUps(pid: number): Promise<number> {
  const read = (): number => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8'))?.[1]); // prettier-ignore
  const before = read();
  await delay(500);
  return read() - before;
}

// Some hundred milliseconds of backtracking, on whichever machine.
async function slowName(get: (path: string) => Promise<unknown>): Promise<string> {
  for (let length = 20; ; length++) {
    const name = 'a'.repeat(length);
    const startMs = performance.now();
    await get(`/check/${name}`);
    if (performance.now() - startMs > 700) return name;
  }
}

describe('event-loop.stall', () => {
  it('stops a server inside the call that blocks it, though that call is made once', async () => {
    const { shop, get } = await startShop();
    await using _ = shop;
    const name = await slowName(get);
    await using debug = startExtev(['debug', String(shop.pid)]);
    debug.tell('catch event-loop.stall thresholdMs=100');
    await debug.says('Catchpoint 1');
    debug.tell('continue');
    await get('/quick');
    const answer = get(`/check/${name}`);
    await debug.says('#0');
    debug.tell('print name.length === rounds');
    await debug.says('\ntrue\n');
    expect(debug.stdout).toMatch(/event-loop\.stall/);
    expect(debug.stdout).toMatch(/#0 .*validateName/);
    expect(debug.stdout).not.toContain('had returned');
    debug.tell('quit');
    expect(await answer).toEqual({ valid: false });
    await debug.outcome;
    expect(await get('/quick')).toEqual({ ok: true });
  });

  it('leaves no timer in the program when its listener goes', async () => {
    const { shop } = await startShop();
    await using _ = shop;
    const wakeUps = (): Promise<number> => countWakeUps(shop.pid);
    for (const end of ['its own', 'SIGTERM', 'SIGKILL'] as const) {
      await using listen = startExtev(['listen', String(shop.pid), 'event-loop.stall', '--request', 'thresholdMs=40', ...(end === 'its own' ? ['--timeout', '1500'] : [])]); // prettier-ignore
      await listen.says('istening');
      await expect.poll(wakeUps, { timeout: 30_000 }).toBeGreaterThan(20);
      if (end !== 'its own') listen.process.kill(end);
      await listen.outcome;
      await expect.poll(wakeUps, { timeout: 30_000 }).toBeLessThan(5);
    }
  });

  it('is heard while it lasts, and the end of it after', async () => {
    const { shop, get } = await startShop();
    await using _ = shop;
    const name = await slowName(get);
    await using listen = startExtev(['listen', String(shop.pid), 'event-loop.stall', 'event-loop.recovered', '--request', 'thresholdMs=100', '--json']); // prettier-ignore
    await listen.says('istening');
    let isAnswered = false;
    const answer = get(`/check/${name}`).finally(() => (isAnswered = true));
    await listen.says('"event-loop.stall"');
    expect(isAnswered).toBe(false);
    await answer;
    await listen.says('"event-loop.recovered"');
    const events = readLines(listen.stdout.slice(0, listen.stdout.lastIndexOf('\n')));
    expect(events[0]).toMatchObject({ event: 'event-loop.stall', payload: { function: 'validateName', native: 'RegExp.test', state: 'script', count: 1 } }); // prettier-ignore
    expect(events.at(-1)).toMatchObject({ event: 'event-loop.recovered', payload: { count: events.length - 1 } }); // prettier-ignore
  });
});

it('gc.pause is heard from a running server', async () => {
  const { shop, get } = await startShop();
  await using _ = shop;
  await using listen = startExtev(['listen', String(shop.pid), 'gc.pause', '--max-hit', '5', '--json']); // prettier-ignore
  await listen.says('istening');
  await get('/garbage');
  const { code, stdout } = await listen.outcome;
  expect(code).toBe(0);
  const pauses = readLines(stdout).filter((line) => line['event'] === 'gc.pause');
  expect(pauses).toHaveLength(5);
  for (const pause of pauses) expect(pause).toMatchObject({ payload: { kind: expect.any(String) as string, durationMs: expect.any(Number) as number } }); // prettier-ignore
});

describe('failures', () => {
  it('are heard from a server that dies of them as it would have without us', async () => {
    const alone = await startShop();
    await alone.get('/fail');
    const without = await alone.shop.outcome;
    const { shop, get } = await startShop();
    await using listen = startExtev(['listen', String(shop.pid), 'promise.rejected', 'exception.thrown', '--json']); // prettier-ignore
    await listen.says('istening');
    await get('/fail');
    const heard = await shop.outcome;
    const { stdout } = await listen.outcome;
    expect(readLines(stdout).flatMap(({ event, payload }) => (event === undefined ? [] : [[event, (payload as { message: string }).message]]))).toEqual([
      ['promise.rejected', 'nobody waits for this'],
      ['exception.thrown', 'nobody waits for this'],
    ]); // prettier-ignore
    expect(heard.code).toBe(without.code);
    // Attaching has Node's own inspector say that it was there.
    const inspector =
      /^(?:Debugger listening|For help, see|Debugger attached|Debugger ending|Waiting for the debugger).*\n/gm;
    expect(heard.stderr.replaceAll(inspector, '').trim()).toBe(without.stderr.trim());
  });

  it('stop where they are thrown', async () => {
    const { shop, get } = await startShop();
    await using _ = shop;
    await using debug = startExtev(['debug', String(shop.pid)]);
    debug.tell('catch exception.thrown');
    await debug.says('Catchpoint 1');
    debug.tell('continue');
    await get('/caught');
    await get('/throw');
    await debug.says('#0');
    debug.tell('print order.id');
    await debug.says('\n17\n');
    expect(debug.stdout).toMatch(/#0 .*dropOrder/);
    expect(debug.stdout).not.toContain('had returned');
    expect(debug.stdout).not.toContain('SyntaxError'); // that was caught
    debug.tell('continue');
    expect((await shop.outcome).code).toBe(1);
    expect(shop.stderr).toContain('TypeError: order 17 is gone');
  });

  it('that somebody catches need the grant to stop', async () => {
    const { shop, get } = await startShop();
    await using _ = shop;
    await using listen = startExtev(['listen', String(shop.pid), 'exception.thrown', '--request', 'caught=true']); // prettier-ignore
    const { code, stderr } = await listen.outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('EE_GRANT_NEEDED');
    await using debug = startExtev(['debug', String(shop.pid)]);
    debug.tell('catch exception.thrown caught=true if name == "SyntaxError"');
    await debug.says('Catchpoint 1');
    debug.tell('continue');
    const answer = get('/caught');
    await debug.says('#0');
    debug.tell('quit');
    expect(await answer).toEqual({ caught: 'SyntaxError' });
    await debug.outcome;
    expect(await get('/caught')).toEqual({ caught: 'SyntaxError' });
  });
});
