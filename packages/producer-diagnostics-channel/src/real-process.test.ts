import { describe, expect, it } from 'vitest';
import { run } from '../fixtures/run.ts';

const own = ['channel:Symbol(library%20hidden)#1', 'channel:library.heard', 'channel:library.idle', 'channel:tracing:library.work', ...['asyncEnd', 'asyncStart', 'end', 'error', 'start'].map((phase) => `channel:tracing:library.work:${phase}`)]; // prettier-ignore
const ours = (names: readonly string[]): string[] => names.filter((name) => /library/.test(name)).toSorted((a, b) => (a < b ? -1 : 1)); // prettier-ignore

describe('in a running process', () => {
  it('finds the channels that modules have kept to themselves, without a garbage collection', async () => {
    await using program = await run();
    await program.bring();
    expect(ours(await program.names())).toEqual([]);
    const sent = await program.discover();
    expect(ours(await program.names())).toEqual(own);
    expect(sent).toContain('Runtime.getProperties');
    expect(sent).not.toContain('Runtime.queryObjects');
    // Node's own are there too, and a second look finds nothing new.
    const all = await program.names();
    expect(all.length).toBeGreaterThan(own.length);
    await program.discover();
    expect(await program.names()).toEqual(all);
  });

  it('hears them, and leaves them as they were', async () => {
    await using program = await run();
    await program.bring();
    await program.discover();
    expect(await program.evaluate('publish(1)')).toBe('false,false');
    await program.hear('channel:**');
    expect(await program.evaluate('publish(2)')).toBe('true,true');
    expect(await program.evaluate(`registry.untap(tap); heard.filter(({ name }) => name.includes('library')).map(({ name, n, settled }) => name + ' ' + n + ' ' + settled)`)).toEqual([
      'channel:tracing:library.work:start 2 undefined',
      'channel:library.idle 2 undefined',
      'channel:library.heard 2 undefined',
      'channel:Symbol(library%20hidden)#1 2 undefined',
      'channel:tracing:library.work 2 true',
      'channel:tracing:library.work:end 2 undefined',
    ]);
    expect(await program.evaluate('publish(3)')).toBe('false,false');
    await program.evaluate('running[Symbol.dispose]()');
    expect(await program.evaluate('publish(4)')).toBe('false,false');
    expect(await program.evaluate('seen')).toEqual([1, 2, 3, 4]);
    expect(await program.names()).toEqual([]);
    expect(await program.evaluate(`Object.getOwnPropertyNames(process.getBuiltinModule('diagnostics_channel').Channel.prototype).includes('name')`)).toBe(false);
    expect(await program.evaluate(`Object.getOwnPropertySymbols(globalThis).map(String).filter((name) => name.includes('producer'))`)).toEqual([]);
    expect(program.stderr).toBe('');
  }); // prettier-ignore

  it('looks into workers, also one that spins and one that is born later', async () => {
    await using program = await run();
    await program.startWorker('spins');
    await program.bring('spins');
    await program.discover();
    expect(ours(await program.names('spins'))).toEqual(own);
    await program.hear('channel:**', 'spins');
    expect(await program.evaluate('publish(5)', 'spins')).toBe('true,true');
    await program.startWorker('later');
    await program.bring('later');
    await expect.poll(async () => ours(await program.names('later')), { timeout: 30_000 }).toEqual(own);
    expect(await program.evaluate(`Symbol.for('extension-events.producer.diagnostics-channel.v1') in globalThis`)).toBe(false); // nobody brought it there
    expect(program.stderr).toBe('');
  }); // prettier-ignore

  it('provides a name in every thread, also in later ones, and says what is wrong with it', async () => {
    await using program = await run();
    await program.bring();
    await program.provide('channel:library.idle');
    expect(await program.names()).toEqual(['channel:library.idle']);
    await program.hear('channel:library.idle');
    expect(await program.evaluate('publish(1)')).toBe('true,false');
    await expect(program.provide('channel:Symbol(x)#1')).rejects.toMatchObject({ code: 'EE_CHANNEL_SYMBOL' });
    await expect(program.provide('channel:a b')).rejects.toMatchObject({ code: 'EE_CHANNEL_NAME' });
    await program.startWorker('later');
    await program.bring('later');
    await expect.poll(() => program.names('later'), { timeout: 30_000 }).toContain('channel:library.idle');
  }); // prettier-ignore

  it('searches the heap where Node keeps its channels elsewhere, at most once a minute', async () => {
    await using program = await run();
    await program.bring();
    // A class whose scope has no table, as a later release of Node may have.
    await program.evaluate(`globalThis[Symbol.for('extension-events.producer.diagnostics-channel.v1')].channelClass = class {}; 0`);
    const sent = await program.discover();
    expect(sent.filter((method) => method === 'Runtime.queryObjects')).toHaveLength(2);
    expect(ours(await program.names())).toEqual(own);
    expect(await program.evaluate('publish(1)')).toBe('false,false');
    expect(await program.discover()).not.toContain('Runtime.queryObjects');
    expect(await program.evaluate('seen')).toEqual([1]);
  }); // prettier-ignore
});
