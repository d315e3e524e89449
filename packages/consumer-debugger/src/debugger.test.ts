import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  candidateType,
  FakeProcess,
  frame,
  hotPayload,
  hotSpotType,
  mainThread,
  refusal,
  workerThread,
} from './test-support/fake-process.ts';
import { runLines } from './test-support/run.ts';

const text = (value: string): object => ({ type: 'string', value });
const locals = [
  { name: 'key', value: { type: 'string', value: 'Order-17' } },
  {
    name: 'table',
    value: { type: 'object', subtype: 'array', className: 'Array', description: 'Array(4000)' },
  },
  { name: 'row', value: { type: 'undefined' } },
];

function createProcess(): FakeProcess {
  const process = new FakeProcess();
  process.variables.set('locals of normalizeKey', locals);
  return process;
}

describe('catching', () => {
  it('shows a stop with event, evidence, frame, source lines and locals', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'hot-spot', hotPayload);
    const { code, whole } = await runLines(process, ['catch hot-spot', 'continue', 'bt']);
    expect(whole).toBe(`Attached to process 4242 (shop, node 24.0.0), 1 thread; it runs on.
(extev) catch hot-spot
Catchpoint 1 (hot-spot)
(extev) continue
Continuing.

Catchpoint 1, hot-spot in thread 1 (main, tid 4242)
  normalizeKey at shop/src/keys.js:4 took 62.4 % of 1873 samples in the last 2.0 s (hits 200)
#0  normalizeKey (key="Order-17", table=Array(4000)) at shop/src/keys.js:4:9
 1  const seen = new Map();
 2  export function normalizeKey(key, table) {
 3    for (const row of table) {
>4      if (row.key === key) return row.id;
 5    }
 6    return seen.get(key);
 7  }
locals: key = "Order-17", table = Array(4000), row = undefined (may be optimized out)
(extev) bt
#0  normalizeKey (key="Order-17", table=Array(4000)) at shop/src/keys.js:4:9
#1  handle () at shop/src/keys.js:9:14
Detached from process 4242; it goes on.
`);
    expect(code).toBe(0);
    expect(process.calls.at(-1)).toEqual({ method: 'continue', params: {}, thread: 2 });
    expect(process.opened.every((listening) => !listening.isOpen)).toBe(true);
  });

  it('passes parameters, condition and kind of catchpoint to the process', async () => {
    const process = createProcess();
    await runLines(process, [
      'catch hot-spot share=5% windowMs=500 if hits > 3',
      'tcatch net.*',
      'ignore 2 4',
    ]);
    expect(process.opened.map(({ options }) => options)).toEqual([
      {
        pattern: 'hot-spot',
        where: 'hits > 3',
        request: { share: 0.05, windowMs: 500 },
        catch: {},
      },
      { pattern: 'net.*', catch: { temporary: true } },
      { pattern: 'net.*', catch: { temporary: true, ignore: 4 } },
    ]);
  });

  it('says of a catchpoint what it was told to let pass, and not what is left of it', async () => {
    const { transcript } = await runLines(createProcess(), ['catch net.*', 'ignore 1 4', 'info catchpoints']); // prettier-ignore
    expect(transcript).toContain('lets 4 hits pass, from when it was told to');
  });

  it('says when no such event is registered, and what may have been meant', async () => {
    const { transcript } = await runLines(createProcess(), ['catch net.sent']);
    expect(transcript).toBe(`(extev) catch net.sent
Catchpoint 1 (net.sent)
  No event type has that name yet; it is caught from the moment one is registered. Did you mean net.send?`);
  });

  it('shows the refusal of the process as it came, and a refused catchpoint takes no number', async () => {
    const process = createProcess();
    process.refuse = ({ where }) =>
      where === 'lenn > 3'
        ? refusal(
            'EE_EXPR_FIELD',
            "net.send has no field 'lenn'.\n  lenn > 3\n  ^~~~",
            'Did you mean len?',
          )
        : undefined;
    const { code, transcript, errors } = await runLines(process, [
      'catch net.send if lenn > 3',
      'bt',
    ]);
    expect(transcript).toBe(`(extev) catch net.send if lenn > 3
EE_EXPR_FIELD: net.send has no field 'lenn'.
  lenn > 3
  ^~~~
hint: Did you mean len?`);
    expect(errors).toBe('stdin:1: catch net.send if lenn > 3: failed (EE_EXPR_FIELD)\n');
    expect(code).toBe(1);
  });

  it('deletes a temporary catchpoint after its stop', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 13, peer: 'a' });
    const { transcript } = await runLines(process, ['tcatch net.send', 'c', 'info catchpoints']);
    expect(transcript).toContain(
      'Temporary catchpoint 1, net.send in thread 1 (main, tid 4242)\n  len = 13 bytes, peer = "a"\n',
    );
    expect(transcript).toContain('(extev) info catchpoints\nNo catchpoints or breakpoints.');
  });

  it('keeps the old condition in force until the new one is, and when the new one is refused', async () => {
    const process = createProcess();
    process.refuse = ({ where }) =>
      where === 'x' ? refusal('EE_EXPR_FIELD', 'no field x', 'len') : undefined;
    await runLines(process, ['catch net.send if len > 3', 'condition 1 x']);
    expect(process.opened.map(({ options }) => options.where)).toEqual(['len > 3', 'x']);
    const again = createProcess();
    const { transcript } = await runLines(again, [
      'catch net.send if len > 3',
      'condition 1',
      'info catchpoints',
    ]);
    expect(again.opened[0]?.isOpen).toBe(false);
    expect(transcript).toContain('Catchpoint 1 now stops unconditionally.');
    expect(transcript).not.toContain('stops only if');
  });

  it('runs the commands of a catchpoint; one that continues lets the wait go on', async () => {
    const process = createProcess();
    let posts = 0;
    const post = (): void => {
      posts++;
      process.stopFor(1, 'net.send', { len: posts });
    };
    process.onOpen = post;
    process.onContinue = () => {
      if (posts < 3) post();
      else process.end({ reason: 'bye', bye: { reason: 'exit', exitCode: 0 } });
    };
    process.answers['evaluate'] = () => ({ result: { type: 'number', value: posts } });
    const { code, transcript } = await runLines(process, [
      'catch net.send',
      'commands 1',
      'silent',
      'print len',
      'continue',
      'end',
      'continue',
      'bt',
    ]);
    expect(transcript).toBe(`(extev) catch net.send
Catchpoint 1 (net.send)
(extev) commands 1
>silent
>print len
>continue
>end
(extev) continue
Continuing.
1
2
3
[process 4242 exited with code 0]`);
    expect(code).toBe(0);
  });

  it('lists what is caught, with conditions, counts and failures', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => {
      if (id !== 1) return;
      const error = { code: 'EE_ARM_FAILED', message: 'No profiler.', hint: 'Use another.' };
      process.arms$.next({
        kind: 'arm',
        listen: 1,
        event: 'hot-spot',
        armId: 0,
        state: 'failed',
        error,
      });
      process.stopFor(1, 'hot-spot', hotPayload);
    };
    const { transcript } = await runLines(process, [
      'catch hot-spot share=0.5',
      'c',
      'tcatch net.send if len == 13',
      'break keys.js:6',
      'disable 2',
      'info catchpoints',
    ]);
    expect(transcript).toContain(
      '[catchpoint 1 is not armed: EE_ARM_FAILED: No profiler.; hint: Use another.]',
    );
    expect(transcript.split('(extev) info catchpoints\n')[1]).toBe(`Num  Type        Disp  Enb  What
1    catchpoint  keep  y    hot-spot share=0.5
       not armed: EE_ARM_FAILED: No profiler.
       has stopped 1 time
2    catchpoint  del   n    net.send
       stops only if len == 13
3    breakpoint  keep  y    shop/src/keys.js:6`);
  });
});

describe('running', () => {
  it('shows a breakpoint that is reached before the answer that it is set', async () => {
    const process = createProcess();
    process.answers['set-breakpoint'] = async () => {
      process.stop({ type: 'breakpoint', breakpoints: ['bp:3'] });
      await new Promise((resolve) => setImmediate(resolve));
      const locations = [{ scriptId: '7', lineNumber: 3, columnNumber: 4 }];
      return { breakpoint: 'bp:3', locations };
    };
    const { transcript } = await runLines(process, ['break keys.js:4', 'c']);
    expect(transcript).not.toContain('held by');
    expect(transcript).toMatch(/\(extev\) c\n[^]*Breakpoint 1[^]*normalizeKey/);
  });

  it('steps line by line, and names the function only when it is another', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    const landings = [
      () => process.step(4, { frames: [frame('normalizeKey', 4, 20), frame('handle', 9, 14)] }),
      () => process.step(6),
      () =>
        process.step(10, {
          cause: { type: 'step', returned: { type: 'string', value: 'ID' } },
          frames: [frame('handle', 10, 3)],
        }),
    ];
    process.answers['step'] = () => {
      queueMicrotask(() => landings.shift()?.());
      return {};
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'next', 'finish']);
    expect(transcript.split('(extev) next\n')[1]).toBe(`>6    return seen.get(key);
(extev) finish
Run till exit from #0  normalizeKey at shop/src/keys.js:6:5
#0  handle () at shop/src/keys.js:10:3
  (it returned "ID")
>10    return id;`);
    const kinds = process.calls
      .filter(({ method }) => method === 'step')
      .map(({ params }) => params['type']);
    expect(kinds).toEqual(['over', 'over', 'out']);
  });

  it('finishes the selected frame', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    const within = [
      frame('normalizeKey', 4, 20),
      { ...frame('handle', 9, 14), callFrameId: 'handle' },
      frame('main', 20, 3),
    ];
    const landings = [
      () => process.step(4, { frames: within }),
      () => process.step(20, { frames: [frame('main', 20, 3)] }),
    ];
    process.answers['step'] = () => {
      queueMicrotask(() => landings.shift()?.());
      return {};
    };
    const commands = ['catch net.send', 'c', 'next', 'up', 'finish'];
    const { transcript } = await runLines(process, commands);
    expect(transcript).toContain('Run till exit from #1  handle at shop/src/keys.js:9:14');
    const { params } = process.calls.findLast(({ method }) => method === 'step') ?? {};
    expect(params).toEqual({ type: 'out', callFrameId: 'handle' });
  });

  it('refuses parameters of an event that takes none', async () => {
    const { code, transcript } = await runLines(createProcess(), ['catch net.send share=0.05']);
    expect(transcript).toContain('EE_REQUEST: net.send cannot be armed so: it takes no parameter share.'); // prettier-ignore
    expect(code).toBe(1);
  });

  it('refuses parameters of a pattern, which arms nothing that takes some', async () => {
    const { code, transcript } = await runLines(createProcess(), ['catch net.* share=0.05']);
    expect(transcript).toContain('EE_COMMAND_ARGUMENT: net.* takes no parameters: it is no full name.'); // prettier-ignore
    expect(code).toBe(1);
  });

  it('lets no hits of a catchpoint pass that was deleted meanwhile', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    const { code, transcript } = await runLines(process, ['catch net.send', 'c', 'delete', 'c 2']);
    expect(transcript).toContain('EE_COMMAND_ARGUMENT: The selected thread does not stand at');
    expect(transcript).not.toContain('catchpoint 1 pass');
    expect(code).toBe(1);
  });

  it('stops stepping when something else stops the thread', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['step'] = () => {
      process.stopFor(1, 'net.send', { len: 2 });
      return {};
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'next 5']);
    expect(transcript.match(/Catchpoint 1, net.send in thread/g)).toHaveLength(2);
    expect(process.calls.filter(({ method }) => method === 'step')).toHaveLength(1);
  });

  it('ends with 124 when nothing stops in time, and says what was waited for', async () => {
    const { code, transcript, errors } = await runLines(
      createProcess(),
      ['catch net.send', 'continue', 'bt'],
      { timeoutMs: 20 },
    );
    expect(code).toBe(124);
    expect(transcript).toContain(
      'EE_WAIT_TIMEOUT: 20 ms have passed without a stop (waiting: net.send).',
    );
    expect(transcript).not.toContain('bt');
    expect(errors).toBe('stdin:2: continue: failed (EE_WAIT_TIMEOUT)\n');
  });

  it('ends with 0 when the process ends, also when no command waits', async () => {
    const process = createProcess();
    process.onOpen = () => process.end({ reason: 'bye', bye: { reason: 'exit', exitCode: 3 } });
    const { code, whole } = await runLines(process, ['catch net.send', 'continue', 'bt']);
    expect(code).toBe(0);
    expect(whole.endsWith('[process 4242 exited with code 3]\n')).toBe(true);
  });

  it('says that the process has ended, and not what failed for that', async () => {
    const process = createProcess();
    Object.defineProperty(process, 'pid', { value: 2 ** 22 + 1 }); // above what Linux gives away
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['evaluate'] = () => {
      setTimeout(() => process.end({ reason: 'lost' }), 20);
      throw refusal(
        'EE_CONNECTION_LOST',
        'The connection to the process is gone.',
        'See extev ls.',
      );
    };
    const lines = ['catch net.send', 'continue', 'print 1 + 1', 'bt'];
    const { code, errors, whole } = await runLines(process, lines);
    expect(whole).not.toContain('EE_CONNECTION_LOST');
    expect(whole.endsWith(`(extev) print 1 + 1\n[process ${2 ** 22 + 1} has ended]\n`)).toBe(true);
    expect(errors).toBe('');
    expect(code).toBe(0);
  });

  it('says what failed when one side of a connection is lost and the other stays', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['evaluate'] = () => {
      throw refusal('EE_CONNECTION_LOST', 'The host beside the process has ended.', 'Catch again.');
    };
    const { code, whole } = await runLines(process, ['catch net.send', 'continue', 'print 1 + 1']);
    expect(whole).toContain('EE_CONNECTION_LOST: The host beside the process has ended.');
    expect(code).toBe(1);
  });

  it('ends with 1 when the connection is lost while the process lives', async () => {
    const live = new FakeProcess();
    Object.defineProperty(live, 'pid', { value: globalThis.process.pid });
    live.onOpen = () => live.end({ reason: 'lost' });
    const { code, transcript } = await runLines(live, ['catch net.send', 'continue']);
    expect(code).toBe(1);
    expect(transcript).toContain('EE_TARGET_LOST');
  });

  it('lets a thread run in the background and goes on', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    const { code, transcript } = await runLines(process, [
      'catch net.send',
      'c',
      'c &',
      'delete',
      'bt',
    ]);
    expect(transcript).toContain('(extev) c &\nThread 1 runs.');
    expect(transcript).toContain('Catchpoint 1 (net.send) is deleted.');
    expect(transcript).toContain('EE_THREAD_RUNNING: Thread 1 (main, tid 4242) is running.');
    expect(code).toBe(1);
  });

  it('lets hits of a breakpoint pass that are to be ignored', async () => {
    const process = createProcess();
    const hit = (): void => process.stop({ type: 'breakpoint', breakpoints: ['bp:3'] });
    process.answers['set-skip'] = () => {
      hit();
      return {};
    };
    process.onContinue = hit;
    const { transcript } = await runLines(process, [
      'break keys.js:4',
      'ignore 1 2',
      'set skip vendor',
      'continue',
      'info breakpoints',
    ]);
    expect(transcript.match(/^Breakpoint 1 in thread/gm)).toHaveLength(1);
    expect(transcript).toContain('was hit 3 times');
    expect(process.calls.find(({ method }) => method === 'set-skip')?.params).toEqual({
      patterns: ['*vendor*'],
    });
  });
});

describe('several threads and debuggers', () => {
  it('shows the stops of threads one after the other, and says when it switches', async () => {
    const process = createProcess();
    process.threads$.next([mainThread, workerThread]);
    process.onOpen = ({ id }) => {
      process.stopFor(id, 'net.send', { len: 1 });
      process.stopFor(id, 'net.send', { len: 2 }, { thread: 3 });
    };
    const { transcript } = await runLines(process, [
      'catch net.send',
      'c',
      'c',
      'info threads',
      'thread 1',
    ]);
    expect(transcript).toContain(
      '[switching to thread 2 (alpha, tid 4250)]\n\nCatchpoint 1, net.send in thread 2',
    );
    expect(transcript.split('(extev) info threads\n')[1]).toBe(`  Id  Thread            State
  1   main (tid 4242)   running
* 2   alpha (tid 4250)  stopped in normalizeKey at shop/src/keys.js:4 (Catchpoint 1, net.send)
(extev) thread 1
Switching to thread 1 (main, tid 4242).
It is running.`);
  });

  it('announces a thread that stops while another one is stepped', async () => {
    const process = createProcess();
    process.threads$.next([mainThread, workerThread]);
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['step'] = () => {
      process.stopFor(1, 'net.send', { len: 2 }, { thread: 3 });
      process.step(6);
      return {};
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'next', 'c']);
    expect(transcript).toContain(
      '[thread 2 (alpha, tid 4250) stopped too: catchpoint 1, net.send]\n>6 ',
    );
    expect(transcript).toContain(
      'Catchpoint 1, net.send in thread 2 (alpha, tid 4250)\n  len = 2 bytes',
    );
  });

  it('tells who else holds a stop, and why another goes first', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) =>
      process.stopFor(id, 'net.send', { len: 1 }, { holders: ['code (pid 7)'] });
    process.answers['continue'] = () => ({ stillHeldBy: ['code (pid 7)'] });
    process.answers['step'] = () => {
      throw refusal(
        'EE_STOP_SHARED',
        'code (pid 7) holds this stop too and asked first.',
        'continue gives up your own hold.',
      );
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'c &']);
    expect(transcript).toContain(
      '  (code (pid 7) holds this stop too: the thread runs when everybody has continued, and steps for the first that asks)',
    );
    expect(transcript).toContain('Thread 1 is still held by code (pid 7).');
    const shared = await runLines(process, ['catch net.send', 'c', 'next', 'bt']);
    expect(shared.transcript).toContain('EE_STOP_SHARED: code (pid 7) holds this stop too');
  });

  it('reports a stop of somebody else and a foreign resume', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => {
      process.stop(
        { type: 'breakpoint', breakpoints: ['theirs'] },
        { frames: [], holders: ['code (pid 7)'] },
      );
      process.stopFor(id, 'net.send', { len: 1 });
      process.stops$.next({ kind: 'stop', thread: 2, resumedBy: 'foreign' });
      process.stop({ type: 'foreign', reason: 'other' });
    };
    const { transcript } = await runLines(process, ['catch net.send', 'thread 1']);
    expect(transcript).toContain('[thread 1 (main, tid 4242) is held by code (pid 7)]');
    expect(transcript).toContain(
      '[thread 1 (main, tid 4242) runs again: another inspector resumed it]',
    );
    expect(transcript).toContain('was stopped by another inspector, which must resume it]');
    expect(transcript).toContain('Stopped by another inspector: other in thread 1');
  });

  it('follows a thread that another holder steps', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['set-skip'] = () => {
      process.stops$.next({ kind: 'stop', thread: 2, resumedBy: 'continue' });
      process.step(6);
      return {};
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'set skip x', 'frame']);
    expect(transcript).toContain('[thread 1 (main, tid 4242) was stepped by another debugger]');
    expect(transcript).toMatch(/\(extev\) frame\n#0 .*\n>6 {4}return seen/);
  });

  it('goes on waiting when another debugger was quicker than the display of the stop', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    let isStepped = false;
    process.answers['Debugger.getScriptSource'] = () => {
      if (!isStepped) {
        isStepped = true;
        process.stops$.next({ kind: 'stop', thread: 2, resumedBy: 'continue' });
        queueMicrotask(() => process.step(6));
      }
      return { scriptSource: '' };
    };
    const { code, transcript } = await runLines(process, ['catch net.send', 'c', 'bt']);
    expect(transcript).not.toContain('EE_THREAD_RUNNING');
    expect(transcript).toMatch(/\(extev\) bt\n#0/);
    expect(code).toBe(0);
  });

  it('lets a thread go that stopped for a catchpoint that is gone', async () => {
    const process = createProcess();
    await runLines(process, ['catch net.send', 'delete 1', 'echo now']);
    process.calls.length = 0;
    const again = createProcess();
    again.answers['set-skip'] = () => {
      again.stopFor(1, 'net.send', { len: 1 });
      return {};
    };
    await runLines(again, ['catch net.send', 'delete 1', 'set skip x']);
    expect(again.calls.map(({ method }) => method)).toContain('continue');
  });
});

const atStop = async (lines: readonly string[], prepare?: (process: FakeProcess) => void) => {
  const process = createProcess();
  process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
  prepare?.(process);
  const { transcript } = await runLines(process, ['catch net.send', 'c', ...lines]);
  return transcript.slice(transcript.indexOf(`(extev) ${lines[0]}`));
};

describe('looking', () => {
  it('lists source on and back, and marks the line of the frame', async () => {
    expect(await atStop(['list', 'list 2', 'list -', 'up', 'info source'])).toBe(`(extev) list
  8  export function handle(request) {
  9    const id = normalizeKey(request.key, request['table']);
 10    return id;
 11  }
(extev) list 2
  1  const seen = new Map();
  2  export function normalizeKey(key, table) {
  3    for (const row of table) {
> 4      if (row.key === key) return row.id;
  5    }
  6    return seen.get(key);
  7  }
  8  export function handle(request) {
  9    const id = normalizeKey(request.key, request['table']);
 10    return id;
(extev) list -
EE_SOURCE_UNKNOWN: There are no lines before 1 in shop/src/keys.js.
hint: list LOCATION starts anew.`);
  });

  it('refuses what would change the program, and says how it is allowed', async () => {
    const shown = await atStop(['print seen.clear()'], (process) => {
      process.answers['evaluate'] = ({ sideEffects }) => {
        expect(sideEffects).toBe(false);
        const description = 'EvalError: Possible side-effect in debug-evaluate\n    at x';
        return {
          result: text(''),
          exceptionDetails: { text: 'Uncaught', exception: { description } },
        };
      };
    });
    expect(shown).toContain('EE_SIDE_EFFECT: seen.clear() was stopped before it could change');
    expect(shown).toContain('--write');
  });

  it('says of a variable alone that it may be optimized out', async () => {
    const shown = await atStop(['print row', 'print row?.id'], (process) => {
      process.answers['evaluate'] = () => ({ result: { type: 'undefined' } });
    });
    expect(shown).toContain('print row\nundefined (may be optimized out)\n');
    expect(shown).toMatch(/print row\?\.id\nundefined$/);
  });

  it('evaluates in the selected frame and shows long objects by property', async () => {
    const shown = await atStop(['frame 1', 'print request'], (process) => {
      process.answers['evaluate'] = ({ callFrameId }) => {
        expect(callFrameId).toBe('handle:9');
        return {
          result: { type: 'object', className: 'Request', description: 'Request', objectId: 'r' },
        };
      };
      process.variables.set('r', [
        { name: 'key', value: { type: 'string', value: 'a\u001B[31m' }, enumerable: true },
        { name: 'some name', value: { type: 'number', value: 3 }, enumerable: true },
      ]);
    });
    expect(shown.split('(extev) print request\n')[1]).toBe(`Request {
  key: "a\\u001b[31m",
  "some name": 3,
}`);
  });

  it('has no registers for a JavaScript thread', async () => {
    expect(await atStop(['info registers'])).toContain('EE_REGISTERS_NONE');
  });

  it('shows every field of the event that a thread stands for', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) =>
      process.stopFor(id, 'hot-spot', { ...hotPayload, stack: 'a (x.js:1:1)\nb (x.js:2:2)' });
    const { transcript } = await runLines(process, ['catch hot-spot', 'c', 'info stop']);
    expect(transcript.split('(extev) info stop\n')[1])
      .toBe(`Catchpoint 1, hot-spot in thread 1 (main, tid 4242)
  function  "normalizeKey"
  url       "/srv/shop/src/keys.js"
  line      4
  share     62.4 %
  hits      200
  samples   1873
  windowMs  2.0 s
  stack     <2 frames>
    a (x.js:1:1)
    b (x.js:2:2)`);
  });

  it('shows event types, one of them in full', async () => {
    const process = createProcess();
    const { transcript } = await runLines(process, [
      'info events',
      'info events net.*',
      'info events nope',
    ]);
    expect(transcript).toBe(`(extev) info events
hot-spot  requested  Samples of a thread gathered on one function.
net.send  filtered   The program handed bytes to a socket.
(extev) info events net.*
net.send  filtered; nobody listens
  The program handed bytes to a socket.
fields:
  len   u32     bytes handed over; in By
  peer  string
(extev) info events nope
No event type matches nope. info events lists all.`);
  });
});

describe('breakpoints', () => {
  it('finds a function in the text of the scripts', async () => {
    const process = createProcess();
    const { transcript } = await runLines(process, ['break handle', 'tb keys.js:4 if row.id > 2']);
    expect(transcript).toBe(`(extev) break handle
Breakpoint 1 at shop/src/keys.js:8
(extev) tb keys.js:4 if row.id > 2
Temporary breakpoint 2 at shop/src/keys.js:4`);
    const set = process.calls.filter(({ method }) => method === 'set-breakpoint');
    expect(set.map(({ params, thread }) => [params, thread])).toEqual([
      [{ url: keysUrlOf(process), lineNumber: 7, columnNumber: 33 }, 2],
      [{ url: keysUrlOf(process), lineNumber: 3, condition: 'row.id > 2' }, 2],
    ]);
  });

  it('waits for a file that is not loaded, in each thread that comes', async () => {
    const process = createProcess();
    process.answers['echo'] = () => ({});
    process.answers['set-skip'] = () => {
      process.threads$.next([mainThread, workerThread]);
      return {};
    };
    const { transcript } = await runLines(process, ['break later.js:3', 'set skip x']);
    expect(transcript).toContain('Breakpoint 1 (later.js:3) is pending.');
    const set = process.calls.filter(({ method }) => method === 'set-breakpoint');
    expect(set.map(({ params, thread }) => [params['urlRegex'], thread])).toEqual([
      [String.raw`(^|/)later\.js$`, 2],
      [String.raw`(^|/)later\.js$`, 3],
    ]);
  });

  it('refuses a condition that is no expression and a function that nobody has', async () => {
    const broken = await runLines(createProcess(), ['break keys.js:4 if row.']);
    expect(broken.transcript).toContain(
      'EE_COMMAND_ARGUMENT: "row." is not a JavaScript expression',
    );
    const missing = await runLines(createProcess(), ['break nobody']);
    expect(missing.transcript).toContain(
      'EE_LOCATION_UNKNOWN: No loaded file has a function called nobody.',
    );
  });
});

function keysUrlOf(process: FakeProcess): string {
  return `file://${process.hello.root}/src/keys.js`;
}

describe('time', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets a thread go that was held longer than --max-stop allows', async () => {
    const process = createProcess();
    process.onOpen = ({ id }) => process.stopFor(id, 'net.send', { len: 1 });
    process.answers['set-skip'] = async () => {
      await vi.advanceTimersByTimeAsync(1000);
      return {};
    };
    const { transcript } = await runLines(process, ['catch net.send', 'c', 'set skip x', 'bt'], {
      maxStopMs: 1000,
    });
    expect(transcript).toContain(
      '[thread 1 (main, tid 4242) runs again: it was held for 1.0 s (--max-stop)]',
    );
    expect(transcript).toContain('EE_THREAD_RUNNING');
  });

  it('tells what comes nearest to the threshold while it waits, and how to ask for less', async () => {
    const process = new FakeProcess([hotSpotType, candidateType]);
    process.onOpen = (listening) => {
      if (listening.options.pattern !== 'hot-spot.candidate') return;
      listening.items$.next({
        kind: 'event',
        event: 'hot-spot.candidate',
        payload: { ...hotPayload, share: 0.041, windowMs: 1990 },
      });
      void vi.advanceTimersByTimeAsync(10_000);
    };
    const { code, transcript } = await runLines(process, ['catch hot-spot', 'continue'], {
      timeoutMs: 8000,
    });
    expect(transcript).toContain(
      '[no hot-spot yet; the nearest: normalizeKey at shop/src/keys.js:4 took 4.1 % of 1873 samples in the last 2.0 s (hits 200); to stop there: catch hot-spot share=0.03]',
    );
    expect(code).toBe(124);
  });
});
