import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chromeTraceFormat } from './chrome-trace-format.ts';
import { createLogger } from './consumer.ts';
import { checkCutTrace, checkTrace } from './testing/check-trace.ts';
import { openInDevTools } from './testing/devtools.ts';
import { fakeSession } from './testing/fake-session.ts';
import { makeItem, settings } from './testing/items.ts';
import { readTrace } from './testing/read-trace.ts';
import { Temporary } from './testing/temporary.ts';

/** A second after the boot and so many nanoseconds. */
const at = (ns: number): number => 1e9 + ns;

/** The file of a logger while it runs, as SIGKILL would leave it, and when it has ended. */
async function log(): Promise<{ killed: Buffer; ended: Buffer }> {
  using directory = new Temporary();
  const out = directory.at('log.json');
  const session = fakeSession();
  const logger = createLogger(session, { patterns: ['net.*'], out });
  const [listen] = session.listens;
  // Requests of a thread, five at a time, one behind the other on another one; and what is no span.
  for (let n = 1; n <= 23; n++) {
    listen?.post({ event: 'net.request', timestampNs: at(n * 1001 + 5005), payload: { n, durationNs: 5005 } }); // prettier-ignore
    listen?.post({ event: 'net.step', tid: 9, timestampNs: at(n * 1001), payload: { durationNs: 1001n } }); // prettier-ignore
    if (n % 5 === 0) listen?.post({ timestampNs: at(n * 1001), payload: { text: 'é😀\uD800"}]\n', ratio: n / 70_000 } }); // prettier-ignore
    if (n % 7 === 0) await Promise.resolve();
  }
  listen?.lose(3);
  await Promise.resolve();
  await Promise.resolve();
  const killed = readFileSync(out);
  await logger.close();
  return { killed, ended: readFileSync(out) };
}

let killed: Buffer;
let ended: Buffer;
beforeAll(async () => {
  ({ killed, ended } = await log());
});

it('a log that is cut at any byte gives the events before the cut, by the rules of Perfetto', () => {
  const texts = readTrace(ended.toString()).events.map((event) => JSON.stringify(event));
  const wrong: number[] = [];
  let most = 0;
  for (let length = 0; length <= ended.length; length++) {
    const { events } = readTrace(ended.subarray(0, length).toString());
    // One more at a time, and never one less.
    const isNext = events.length === most || events.length === most + 1;
    most = events.length;
    if (!isNext || (most > 0 && JSON.stringify(events.at(-1)) !== texts[most - 1]))
      wrong.push(length);
  }
  expect(wrong).toEqual([]);
  expect(most).toBe(texts.length);
});

it('a log whose writer is killed has all events, and the account is missing', () => {
  const whole = checkTrace(ended.toString());
  expect(checkTrace(killed.toString())).toEqual(whole.slice(0, -1));
  expect(checkCutTrace(killed.subarray(0, -1).toString())).toEqual(whole.slice(0, -1));
});

describe('DevTools', () => {
  it.each(['killed', 'ended'] as const)('shows all of a log that was %s', async (how) => {
    const threads = await openInDevTools((how === 'killed' ? killed : ended).toString());
    const rows = threads.filter(({ pid }) => pid === 7);
    const names = Object.fromEntries(rows.map(({ name, tid }) => [tid, name]));
    const further = [1, 2, 3, 4].map((row) => [8 + row * 2 ** 22, `tid:8 (${row + 1})`] as const);
    expect(names).toEqual(Object.fromEntries([[8, 'tid:8'], ...further, [9, 'tid:9']]));
    const all = rows.flatMap(({ events }) => events);
    const requests = all.filter(({ name }) => name === 'net.request');
    const steps = all.filter(({ name }) => name === 'net.step');
    expect(requests.map(({ args }) => args['n']).toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 23 }, (_, n) => n + 1)); // prettier-ignore
    expect(requests.every(({ dur = 0 }) => Math.round(dur * 1000) === 5005)).toBe(true);
    expect(steps.map(({ ts }) => Math.round(ts * 1000))).toEqual(Array.from({ length: 23 }, (_, n) => at(n * 1001))); // prettier-ignore
    expect(steps.every(({ dur = 0 }) => Math.round(dur * 1000) === 1001)).toBe(true);
    const instants = all.filter(({ ph }) => ph === 'I');
    expect(instants.map(({ name }) => name).toSorted()).toEqual(['3 events lost: ring-full', ...Array.from({ length: 4 }, () => 'net.send')]); // prettier-ignore
    expect(all).toHaveLength(23 + 23 + 5);
    const own = threads.filter(({ pid }) => pid === process.pid).flatMap(({ events }) => events);
    expect(own.map(({ name }) => name)).toEqual(how === 'killed' ? [] : ['end of the log']);
  });

  it('shows all spans and instants, however they lie', async () => {
    const time = fc.nat(30).map((n) => n * 333);
    const item = fc.record({ start: time, length: fc.option(time, { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 60 }), async (all) => {
        const format = chromeTraceFormat(settings());
        const lines = all.map(({ length, start }) => format.event(makeItem({ timestampNs: 3e12 + 1 + start + (length ?? 0), payload: length === undefined ? {} : { durationNs: length } }))); // prettier-ignore
        const threads = await openInDevTools(`${format.begin()}${lines.join('')}]`);
        expect(threads.flatMap(({ events }) => events)).toHaveLength(all.length);
      }),
      { numRuns: 30 },
    );
  });

  it('takes nothing but a whole document: without its bracket a file is refused', async () => {
    await expect(openInDevTools(killed.subarray(0, -1).toString())).rejects.toThrow(SyntaxError);
  });
});
