import { describe, expect, it } from 'vitest';
import { compile, fixturePath, lineOf, node, type Run, run } from '../../fixtures/run.ts';

const program = fixturePath('program.mjs');
const orders = fixturePath('orders.mjs');
const orderLine = lineOf('orders.mjs', 'const total');
const location = `orders.mjs:${orderLine}`;

const ownNames = `Object.getOwnPropertyNames(globalThis).filter((name) => name.includes('xtensionEvents'))`; // prettier-ignore

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

function isPause(said: object): boolean {
  return 'debugger' in said;
}

async function refusalOf(running: Run, request: object, more: object = {}): Promise<unknown> {
  return running.listen(request, more).then(
    () => undefined,
    (error: unknown) => (error as { code: string }).code,
  );
}

describe('breakpoint.hit in a running process', () => {
  it('tells each pass of a line, exactly, and never pauses the thread', async () => {
    await using running = await run(program);
    const before = await running.pass(997);
    const hits = await running.listen({ location });
    const during = await running.pass(997);
    const heard = await hits.count(997);
    expect(during['sum']).toBe(before['sum']);
    expect(heard.map(({ payload }) => payload.hits)).toEqual(upTo(997));
    expect(heard[0]).toMatchObject({
      subject: { tid: running.pid, threadId: 0 },
      payload: {
        location,
        function: 'handleOrder',
        url: orders,
        line: orderLine,
        method: 'condition',
        scriptUrl: `file://${orders}`,
      },
    });
    const [innermost, caller] = heard[0]?.payload.stack?.split('\n') ?? [];
    expect(innermost).toContain(`handleOrder (${orders}:${orderLine}:`);
    expect(caller).toContain('serve (');
    const times = heard.map(({ timestampNs }) => timestampNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    running.tell('debugger');
    await running.until((said) => said['wentOn'] === true, 'the way past a debugger statement');
  });

  it('tells the lines of TypeScript, through a source map', async () => {
    const line = lineOf('mapped.ts', 'const doubled');
    await using running = await run(await compile('mapped.ts'));
    const hits = await running.listen({ location: `mapped.ts:${line}`, captures: 'order.id' });
    await running.pass(101);
    const heard = await hits.count(101);
    expect(heard).toHaveLength(101);
    expect(heard[100]?.payload).toMatchObject({ function: 'serve', url: fixturePath('mapped.ts'), line, hits: 101, values: '{"order.id":"100"}' }); // prettier-ignore
    expect(heard[0]?.payload.stack).toContain(`${fixturePath('mapped.ts')}:${line}:`);
    expect(heard[0]?.payload.scriptUrl).toMatch(/mapped\.mjs$/);
  });

  it('tells the lines of TypeScript that Node strips', async (context) => {
    if (node !== process.execPath || !process.features.typescript) context.skip('needs typescript: this Node does not strip types'); // prettier-ignore
    const line = lineOf('mapped.ts', 'price * 2');
    await using running = await run(fixturePath('mapped.ts'));
    const hits = await running.listen({ location: `fixtures/mapped.ts:${line}:46` });
    await running.pass(13);
    await hits.count(13);
    expect(hits.heard()[0]?.payload).toMatchObject({ function: 'twice', line });
  });

  it('tells the passes of a worker thread, with that thread', async () => {
    await using running = await run(program);
    await running.pass(1, 'worker', 'workerPassed');
    const all = await running.listen({ location });
    const worker = await running.listen({ location, stackDepth: 1 }, { worker: true });
    await running.pass(7);
    const said = await running.pass(211, 'worker', 'workerPassed');
    expect(said['sum']).toBe((210 * 211) / 2 + 3 * 211);
    await all.count(218);
    await worker.count(211);
    expect(worker.heard().every(({ subject }) => subject.threadId > 0)).toBe(true);
    expect(worker.heard().at(-1)?.payload.hits).toBe(211);
    expect(all.heard().filter(({ subject }) => subject.threadId === 0)).toHaveLength(7);
    expect(worker.heard()[0]?.payload.stack?.split('\n')).toHaveLength(1);
  });

  it('tells the passes of a worker thread that starts later', async () => {
    await using running = await run(program);
    const hits = await running.listen({ location });
    await running.pass(3, 'worker', 'workerPassed');
    // Its first passes may come before its breakpoint; later ones are all told.
    const before = hits.heard().length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await running.pass(17, 'worker', 'workerPassed');
    const heard = await hits.count(before + 17);
    expect(heard.at(-1)?.subject.threadId).toBeGreaterThan(0);
  });

  it('finds functions and methods by name', async () => {
    await using running = await run(program);
    const named = await running.listen({ location: 'handleOrder' });
    const method = await running.listen({ location: 'Desk.serve', stackDepth: 0 });
    await running.pass(53);
    await named.count(53);
    await method.count(53);
    expect(named.heard()[0]?.payload).toMatchObject({ function: 'handleOrder', line: orderLine });
    expect(method.heard()[0]?.payload).toMatchObject({ function: 'serve', url: program, line: lineOf('program.mjs', 'return handleOrder') }); // prettier-ignore
    expect(method.heard()[0]?.payload).not.toHaveProperty('stack');
    expect(named.heard()).toHaveLength(53);
  });

  it('reads captures by name', async () => {
    await using running = await run(program);
    const captures = 'order.id, order.note, order.items, order.items[1], order.items.length, order, order.missing.x, nowhere, handleOrder'; // prettier-ignore
    const hits = await running.listen({ location, captures });
    await running.pass(2);
    const [, second] = await hits.count(2);
    expect(JSON.parse(second?.payload.values ?? '')).toEqual({
      'order.id': '1',
      'order.note': String.raw`"order \"1\""`,
      'order.items': '["a", "b"]',
      'order.items[1]': '"b"',
      'order.items.length': '2',
      order: 'Object {…}',
      'order.missing.x': '[no property]',
      nowhere: '[not available]',
      handleOrder: '[function handleOrder]',
    });
  });

  it('calls nothing of the program for a capture: no getter, no trap, no method', async () => {
    await using running = await run(program);
    const names = 'trap,trap.a,order,order.total,order.own,order.plain,list,map,bytes,bytes.length,error,error.message,name.length,big,nothing,crypto'; // prettier-ignore
    const line = lineOf('orders.mjs', '// here');
    const hits = await running.listen({ location: `orders.mjs:${line}`, captures: names });
    running.tell('odd');
    const [said] = await running.until((each) => 'odd' in each, 'touches');
    expect(said?.['odd']).toEqual([0, 9]);
    const [hit] = await hits.count(1);
    expect(JSON.parse(hit?.payload.values ?? '')).toEqual({
      trap: '[proxy]',
      'trap.a': '[proxy]',
      order: 'Order {…}',
      'order.total': '[no property]',
      'order.own': '[getter]',
      'order.plain': '1',
      list: '[1, "two", Order {…}, [proxy], , Object {…}, Array(2), null, … 2 more]',
      map: 'Map(1)',
      bytes: 'Uint8Array(5)',
      'bytes.length': '[no property]',
      error: 'TypeError: bad order',
      'error.message': '"bad order"',
      'name.length': '300',
      big: '12345678901234567890n',
      nothing: 'undefined',
      crypto: '[getter]',
    });
  });

  it('serves listeners that come and go, and leaves nothing behind', async () => {
    await using running = await run(program);
    const first = await running.listen({ location });
    await running.pass(11);
    const second = await running.listen({ location, captures: 'order.id' });
    await running.pass(13);
    await first.unlisten();
    await running.pass(17);
    await second.count(30);
    expect(first.heard()).toHaveLength(24);
    expect(first.heard()[0]?.payload).not.toHaveProperty('values');
    expect(second.heard()[29]?.payload).toMatchObject({ hits: 30, values: '{"order.id":"16"}' });
    expect(await running.look(ownNames)).toEqual(['__extensionEventsHit']);
    await second.unlisten();
    await expect.poll(() => running.look(ownNames), { timeout: 20_000 }).toEqual([]);
    await running.pass(19);
    const third = await running.listen({ location });
    await running.pass(23);
    await third.count(23);
    expect(second.heard()).toHaveLength(30);
    running.order({ stop: true });
    await running.until((said) => said['stopped'] === true, 'the end of the producer');
    await expect.poll(() => running.look(ownNames), { timeout: 20_000 }).toEqual([]);
    await running.pass(29);
    expect(third.heard()).toHaveLength(23);
  });

  it('leaves a debugger beside it alone, and is left alone by it', async () => {
    await using running = await run(program);
    const hits = await running.listen({ location });
    running.order({
      debug: { condition: 'order.id % 100 === 50', line: orderLine, file: 'orders' },
    });
    await running.until((said) => said['debugging'] === 1, 'debugger');
    await running.pass(499);
    await hits.count(499);
    const pauses = await running.until(isPause, 'pauses', 5);
    expect(pauses.at(-1)).toEqual({ debugger: { pauses: 5, hits: 5, function: 'handleOrder' } });
    await hits.unlisten();
    await running.pass(101);
    await running.until(isPause, 'a pause after we left', 6);
    const again = await running.listen({ location });
    running.order({ endDebug: true });
    await running.until((said) => said['debugEnded'] === true, 'end of the debugger');
    await running.pass(103);
    await again.count(103);
    expect(running.said.filter(isPause)).toHaveLength(6);
    expect(hits.heard()).toHaveLength(499);
  });

  it('waits for a file that is loaded later', async () => {
    await using running = await run(program);
    const hits = await running.listen({ location: 'later.mjs:2', captures: 'n' });
    const said = await running.pass(31, 'later', 'late');
    expect(said['late']).toBe(30 * 31);
    await hits.count(31);
    expect(hits.heard().at(-1)?.payload.values).toBe('{"n":"30"}');
  });

  it('lets a place rest that is passed too often, and says so', async () => {
    await using running = await run(program);
    const hits = await running.listen({ location, maxHitsPerSecond: 10, stackDepth: 0 });
    await running.pass(3000);
    const resting = hits.heard().length;
    expect(resting).toBeGreaterThanOrEqual(10);
    await expect
      .poll(
        async () => {
          await running.pass(1);
          return hits.heard().at(-1)?.payload.note ?? '';
        },
        { timeout: 20_000 },
      )
      .toMatch(/^rested \d+ ms after 10 hits within a second/);
    expect(resting).toBeLessThan(3000);
  });

  it('keeps exit code and stderr of the program as they are', async () => {
    await using running = await run(program);
    await running.listen({ location });
    await running.pass(5);
    running.order({ close: true }); // as an agent does at the exit
    await running.until((said) => said['closed'] === true, 'the end of the sessions');
    running.tell('exit');
    expect(await running.ended).toBe(3);
    expect(running.stderr).toBe('');
  });

  it('refuses with a code what it cannot serve', async () => {
    await using running = await run(program);
    expect(await refusalOf(running, { location, captures: 'order.total()' })).toBe('EE_BREAKPOINT_CAPTURE'); // prettier-ignore
    expect(await refusalOf(running, { location: '*0x401136' })).toBe('EE_BREAKPOINT_LOCATION');
    expect(await refusalOf(running, { location: 'libc.so.6:malloc' })).toBe('EE_BREAKPOINT_LOCATION'); // prettier-ignore
    expect(await refusalOf(running, { location }, { worker: true })).toBe('EE_BREAKPOINT_NO_THREAD'); // prettier-ignore
    expect(await refusalOf(running, {}, { name: 'step' })).toBe('EE_STEP_SCRIPTED');
    expect(await refusalOf(running, {}, { name: 'step.block' })).toBe('EE_STEP_SCRIPTED');
    expect(await refusalOf(running, {}, { name: 'branch-buffer.full' })).toBe('EE_BRANCH_BUFFER_ABSENT'); // prettier-ignore
  });
});
