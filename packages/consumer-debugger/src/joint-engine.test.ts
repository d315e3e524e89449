import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  fitRange,
  memorySnippet,
  parseWatchArgument,
  readMemoryAnswer,
} from './memory-expression.ts';
import { FakeProcess, hotSpotType, mainThread, sendType } from './test-support/fake-process.ts';
import { hitType } from './test-support/native-connection.ts';
import { runLines } from './test-support/run.ts';
import type { ThreadInfo } from './internal-types.ts';

const fakeGdb = fileURLToPath(new URL('test-support/fake-gdb.mjs', import.meta.url));
const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

interface Rule {
  readonly on: string;
  readonly say?: readonly string[];
  readonly once?: boolean;
  readonly exit?: number;
  readonly silent?: boolean;
}

interface FakeGdb {
  readonly program: readonly string[];
  commands(): string[];
}

/** A gdb that attaches, knows a main thread and one more, and does what the rules say. */
function playGdb(rules: readonly Rule[], pid: number = process.pid): FakeGdb {
  const directory = mkdtempSync(join(tmpdir(), 'fake-gdb-'));
  directories.push(directory);
  const log = join(directory, 'log');
  writeFileSync(log, '');
  const all: Rule[] = [
    ...rules,
    { on: '^-gdb-version', say: ['~"GNU gdb (Fake) 13.1\\n"', '@TOKEN^done'] },
    { on: '^-add-inferior', say: ['@TOKEN^done,inferior="i2"'] },
    {
      on: '^-target-attach',
      say: [
        '=thread-created,id="1",group-id="i1"',
        '=thread-created,id="2",group-id="i1"',
        '@TOKEN^done',
        '*stopped,frame={addr="0x10"},thread-id="1",stopped-threads=["1"]',
        '*stopped,reason="signal-received",signal-name="0",thread-id="2",stopped-threads=["2"]',
      ],
    },
    {
      on: '^-thread-info',
      say: [`@TOKEN^done,threads=[{id="1",target-id="Thread 0x7f (LWP ${pid})"},{id="2",target-id="LWP 4260"}]`],
    },
    { on: '^-exec-interrupt --thread 2', say: ['@TOKEN^done', '*stopped,reason="signal-received",signal-name="0",frame={addr="0x0000000000401156",func="pool_work"},thread-id="2",stopped-threads=["2"]'] },
    { on: '^-exec-interrupt --thread 1', say: ['@TOKEN^done', '*stopped,reason="signal-received",signal-name="0",frame={addr="0x0000000000401156",func="uv__io_poll"},thread-id="1",stopped-threads=["1"]'] },
    { on: '^-exec-continue', say: ['@TOKEN^running'] },
    {
      on: '^-stack-list-frames',
      say: ['@TOKEN^done,stack=[frame={level="0",addr="0x0000000000401156",func="pool_work",file="pool.c",fullname="/build/pool.c",line="12"},frame={level="1",addr="0x00007f00",func="start_thread",from="/lib/libc.so.6"}]'],
    },
    { on: '^-stack-list-variables', say: ['@TOKEN^done,variables=[{name="slot",arg="1",value="3"}]'] },
    { on: '^-data-evaluate-expression.* slot$', say: ['@TOKEN^done,value="3"'] },
    { on: '^-data-evaluate-expression .*\\$pc', say: ['@TOKEN^done,value="(void (*)(void)) 0x401156 <pool_work+6>"'] },
    { on: '^-data-evaluate-expression .*\\$sp', say: ['@TOKEN^done,value="(void *) 0x7ffd00"'] },
    {
      on: '^-data-disassemble',
      say: ['@TOKEN^done,asm_insns=[{address="0x0000000000401156",func-name="pool_work",offset="6",inst="mov    %eax,%ebx"},{address="0x0000000000401158",func-name="pool_work",offset="8",inst="ret"}]'],
    },
  ]; // prettier-ignore
  const script = join(directory, 'script.json');
  writeFileSync(script, JSON.stringify({ rules: all, log }));
  return {
    program: [process.execPath, fakeGdb, script],
    commands: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
  };
}

const poolThread: ThreadInfo = { key: 9, tid: 4260, threadId: -1, name: 'libuv-worker', state: 'running', runs: 'native' }; // prettier-ignore

/** A Node process with a host beside its agent: a main thread and one of libuv's. */
class MixedProcess extends FakeProcess {
  override readonly pid: number = process.pid;
  readonly sides: { agent: boolean; host: boolean } = { agent: true, host: true };
  readonly asked: string[] = [];

  constructor() {
    super([hotSpotType, sendType, hitType]);
    this.threads$.next([{ ...mainThread, tid: process.pid }, poolThread]);
  }

  override listenKeys(): number[] {
    return [2, 9];
  }

  override debug(
    method: string,
    params: object = {},
    thread?: number,
    side?: string,
  ): Promise<unknown> {
    this.asked.push(`${side ?? '-'} ${method} ${JSON.stringify(params)} ${thread ?? ''}`.trim());
    return super.debug(method, params, thread);
  }
}

const hide = (text: string): string =>
  text
    .replaceAll(String(process.pid), 'PID')
    .replaceAll(/ {2,}(?=Thread|State|running|stopped)/g, '  ')
    .replaceAll(/stood for .*\]/g, 'stood for TIME]');

describe('a process of two kinds of threads', () => {
  it('is looked at through both engines, and each says what is its own', async () => {
    const gdb = playGdb([]);
    const mixed = new MixedProcess();
    mixed.onOpen = ({ id, options }) => {
      if (options.pattern === 'net.send') mixed.stopFor(id, 'net.send', { len: 13 });
    };
    const { transcript, code } = await runLines(
      mixed,
      [
        'catch net.send',
        'continue',
        'info threads',
        'bt',
        'bt native',
        'interrupt 2',
        'bt',
        'print slot',
        'info threads',
      ],
      { gdbProgram: gdb.program },
    );
    expect(hide(transcript)).toBe(`(extev) catch net.send
Catchpoint 1 (net.send)
  Threads that run no JavaScript stop only while gdb is attached; interrupt or break on one of them attaches it.
(extev) continue
Continuing.

Catchpoint 1, net.send in thread 1 (main, tid PID)
  len = 13 bytes
#0  normalizeKey () at shop/src/keys.js:4:9
 1  const seen = new Map();
 2  export function normalizeKey(key, table) {
 3    for (const row of table) {
>4      if (row.key === key) return row.id;
 5    }
 6    return seen.get(key);
 7  }
(extev) info threads
  Id  Engine  Thread  State
* 1   v8      main (tid PID)  stopped in normalizeKey at shop/src/keys.js:4 (Catchpoint 1, net.send)
  2   gdb     libuv-worker (tid 4260)  running
(extev) bt
#0  normalizeKey () at shop/src/keys.js:4:9
#1  handle () at shop/src/keys.js:9:14
(extev) bt native
[gdb 13.1 is attached to process PID, which stood for TIME]
#0  normalizeKey () at shop/src/keys.js:4:9 [v8]
#1  handle () at shop/src/keys.js:9:14 [v8]
native:
#0  pool_work at pool.c:12 [gdb]
#1  start_thread at 0x7f00 in libc.so.6 [gdb]
(extev) interrupt 2
[gdb 13.1 is attached to process PID, which stood for TIME]
[switching to thread 2 (libuv-worker, tid 4260)]

Interrupted in thread 2 (libuv-worker, tid 4260)
#0  pool_work (slot=3) at pool.c:12
  (EE_SOURCE_UNKNOWN: pool.c is not on this machine.)
=> 0x401156 <pool_work+6>:  mov    %eax,%ebx
   0x401158 <pool_work+8>:  ret
locals: slot = 3
registers: pc = 0x401156 <pool_work+6>, sp = 0x7ffd00 (info registers)
(extev) bt
#0  pool_work (slot=3) at pool.c:12
#1  start_thread at 0x7f00 in libc.so.6
(extev) print slot
3
(extev) info threads
  Id  Engine  Thread  State
  1   v8      main (tid PID)  stopped in normalizeKey at shop/src/keys.js:4 (Catchpoint 1, net.send)
* 2   gdb     libuv-worker (tid 4260)  stopped in pool_work at pool.c:12 (Interrupted)`);
    expect(code).toBe(0);
    // The thread that V8 holds was stopped for the moment of reading, and V8 was not asked for anything.
    const commands = gdb.commands();
    expect(commands).toContain('-exec-interrupt --thread 1');
    expect(commands.filter((line) => line === '-target-detach')).toHaveLength(2);
    const toHost = mixed.asked.filter((line) => line.startsWith('host leave-to-debugger'));
    expect(toHost).toEqual([
      'host leave-to-debugger {"isLeft":true}',
      'host leave-to-debugger {"isLeft":false}',
      'host leave-to-debugger {"isLeft":true}',
      'host leave-to-debugger {"isLeft":false}',
    ]);
    expect(mixed.asked).toContain('host continue {} 9');
  });

  it('stops a JavaScript thread for an event through gdb, then V8, and shows it once', async () => {
    const urgent =
      '*stopped,reason="signal-received",signal-name="SIGURG",frame={addr="0x10"},thread-id="1",stopped-threads=["1"]';
    const gdb = playGdb([
      { on: '^-exec-continue --thread 2', once: true, say: ['@TOKEN^running'] },
      { on: '^-data-evaluate-expression.* poke$', say: ['@TOKEN^done,value="0"', urgent] },
    ]);
    const mixed = new MixedProcess();
    mixed.answers['verdict'] = () => ({
      caught: {
        listens: [1],
        event: 'hw-breakpoint.hit',
        payload: { pc: '66', access: 'write' },
        timestampNs: 1,
      },
      isOurs: true,
    });
    mixed.answers['pause'] = () => {
      setTimeout(() => mixed.stop({ type: 'pause' }), 5);
      return {};
    };
    const { transcript } = await runLines(
      mixed,
      [
        'catch hw-breakpoint.hit address=0x40',
        'interrupt 2',
        'print poke',
        'continue',
        'continue &',
      ],
      { gdbProgram: gdb.program },
    );
    expect(transcript).toContain('Catchpoint 1, hw-breakpoint.hit in thread 1');
    expect(transcript).toContain('pc = 0x42, access = "write"');
    expect(transcript).toContain(
      '#0  normalizeKey () at shop/src/keys.js:4:9\n  (gdb held the thread at the event;',
    );
    expect(transcript.match(/Catchpoint 1, hw-breakpoint.hit in thread/g)).toHaveLength(1);
    const order = mixed.asked.filter(
      (line) => /verdict|pause|continue/.test(line) && line.endsWith(' 2'),
    );
    expect(order).toEqual([
      'host verdict {} 2',
      'agent pause {"isHeld":true} 2',
      'host continue {"keepsQuiet":true} 2',
      'host continue {} 2',
      '- continue {} 2',
    ]);
  });

  it('looks for a place where it can be: by the ending of the file, or in V8 first', async () => {
    const found =
      '@TOKEN^done,bkpt={number="7",addr="0x0000000000401156",func="pool_work",file="pool.c",fullname="/build/pool.c",line="12",thread-groups=["i1"]}';
    const gdb = playGdb([
      { on: '^-break-insert -d --function handle', say: ['@TOKEN^error,msg="must not be asked"'] },
      {
        on: '^-break-insert -d --function nobody',
        say: ['@TOKEN^error,msg="Function \\"nobody\\" not defined."'],
      },
      { on: '^-break-insert', say: [found] },
    ]);
    const mixed = new MixedProcess();
    const { transcript } = await runLines(
      mixed,
      [
        'break handle',
        'break pool.c:12 if slot > 2',
        'break keys.js:4',
        'break pool_work',
        'delete 2',
        'condition 3',
        'break nobody',
      ],
      { gdbProgram: gdb.program },
    );
    expect(hide(transcript)).toBe(`(extev) break handle
Breakpoint 1 at shop/src/keys.js:8
(extev) break pool.c:12 if slot > 2
[gdb 13.1 is attached to process PID, which stood for TIME]
[as long as gdb has a breakpoint in the code, killing gdb itself (kill -9) kills the process too; quit, detach and even the death of this debugger take it out first]
Breakpoint 2 at pool.c:12
(extev) break keys.js:4
Breakpoint 3 at shop/src/keys.js:4
(extev) break pool_work
Breakpoint 4 at pool.c:12
(extev) delete 2
Breakpoint 2 (pool.c:12) is deleted.
(extev) condition 3
Breakpoint 3 now stops unconditionally.
(extev) break nobody
EE_LOCATION_UNKNOWN: No loaded file has a function called nobody.
hint: Functions are searched by name in the text of the loaded scripts; FILE:LINE always works.`);
    expect(gdb.commands()).toContain('-break-insert -c "slot > 2" --source pool.c --line 12');
    expect(gdb.commands()).toContain('-break-delete 7');
  });
});

const interruptWith = async (rules: readonly Rule[], lines = ['interrupt 2']) => {
  const mixed = new MixedProcess();
  const gdb = playGdb(rules);
  const run = await runLines(mixed, lines, { gdbProgram: gdb.program, timeoutMs: 20_000 });
  return { ...run, gdb, mixed };
};

const granted = (process: MixedProcess): MixedProcess => {
  process.hello.grants.push('write');
  return process;
};

describe('gdb that', () => {
  it('is too old is refused', async () => {
    const { transcript } = await interruptWith([
      { on: '^-gdb-version', say: ['~"GNU gdb (Old) 8.3\\n"', '@TOKEN^done'] },
    ]);
    expect(transcript).toContain(
      'EE_GDB_VERSION: gdb says that it is version 8.3; 12 is the oldest',
    );
  });

  it('is forbidden to trace says what to do', async () => {
    const { transcript, mixed } = await interruptWith([
      { on: '^-target-attach', say: ['@TOKEN^error,msg="ptrace: Operation not permitted."'] },
    ]);
    expect(transcript).toContain('EE_GDB_PERMISSION: The kernel does not let gdb trace process');
    expect(mixed.asked.at(-1)).toBe('host leave-to-debugger {"isLeft":false}');
  });

  it('ends by itself is told, and what stood runs', async () => {
    const { transcript, code } = await interruptWith(
      [{ on: '^-data-evaluate-expression.* die$', exit: 3 }],
      ['interrupt 2', 'print die', 'info threads'],
    );
    expect(transcript).toContain('EE_GDB_ENDED: gdb has ended.');
    expect(transcript).toContain(
      '[gdb has ended: native threads run, and its breakpoints are gone]',
    );
    expect(code).toBe(1);
  });

  it('talks nonsense in between is still understood', async () => {
    const noise = [
      'warning: x',
      '*stopped',
      '=thread-created,id="',
      '~"\\',
      '^done',
      '99^done',
      '*stopped,reason="y",thread-id="77"',
    ];
    const { transcript, code } = await interruptWith([
      {
        on: '^-stack-list-variables',
        once: true,
        say: [...noise, '@TOKEN^done,variables=[{name="slot",value="4"}]'],
      },
    ]);
    expect(transcript).toContain('Interrupted in thread 2');
    expect(code).toBe(0);
  });

  it('does not attach although it says so leaves the debugger usable', async () => {
    vi.useRealTimers();
    const { transcript, code } = await interruptWith(
      [
        { on: '^-target-attach', say: ['@TOKEN^done'] },
        { on: '^-thread-info', say: ['@TOKEN^done,threads=[]'] },
      ],
      ['interrupt 2'],
    );
    expect(transcript).toContain('EE_THREAD_NUMBER: gdb knows no thread with tid 4260.');
    expect(code).toBe(1);
  });
});

type MemoryClass = new (options: { initial: number }) => { readonly buffer: ArrayBuffer };

describe('watch', () => {
  it('reads its argument', () => {
    expect(parseWatchArgument('counter')).toEqual({ expression: 'counter', access: 'write' });
    expect(parseWatchArgument('table[3] rw')).toEqual({
      expression: 'table[3]',
      access: 'read-write',
    });
    expect(parseWatchArgument('a + x')).toEqual({ expression: 'a +', access: 'execute' });
    expect(() => parseWatchArgument(' ')).toThrow(/needs an expression/);
  });

  it('takes as much of the memory as a debug register covers', () => {
    expect(fitRange({ address: '0x1000', lengthBytes: 24 })).toEqual({
      address: '0x1000',
      lengthBytes: 8,
    });
    expect(fitRange({ address: '0x1004', lengthBytes: 24 })).toEqual({
      address: '0x1004',
      lengthBytes: 4,
    });
    expect(fitRange({ address: '0x1001', lengthBytes: 4 })).toEqual({
      address: '0x1001',
      lengthBytes: 1,
    });
    expect(() => fitRange({ address: '0x1000', lengthBytes: 0 })).toThrow(/cannot be watched/);
  });

  const lines = ['watch totals[2]'];

  it('finds JavaScript memory inside the program, which must be allowed, and is said beforehand', async () => {
    const refused = await runLines(new MixedProcess(), lines, { koffiPath: '/x/' });
    expect(refused.transcript).toContain(
      'EE_SIDE_EFFECT: To find the address of JavaScript memory, koffi is loaded',
    );
    const without = await runLines(granted(new MixedProcess()), lines);
    expect(without.transcript).toContain('EE_WATCH_MEMORY: There is no koffi that could be loaded');
    const mixed = granted(new MixedProcess());
    mixed.answers['evaluate'] = ({ expression, sideEffects }) => {
      expect(expression).toBe(memorySnippet('totals[2]', '/x/'));
      expect(sideEffects).toBe(true);
      return { result: { type: 'string', value: '0x7f00dead0010 8' } };
    };
    const { transcript } = await runLines(mixed, lines, { koffiPath: '/x/' });
    expect(hide(transcript)).toBe(`(extev) watch totals[2]
Loading koffi into the main thread of process PID to find the address.
totals[2] is at 0x7f00dead0010.
Catchpoint 1 (hw-breakpoint.hit address=0x7f00dead0010 lengthBytes=8 access=write)
  Threads that run no JavaScript stop only while gdb is attached; interrupt or break on one of them attaches it.`);
    expect(mixed.opened[0]?.options).toEqual({
      pattern: 'hw-breakpoint.hit',
      request: { address: '0x7f00dead0010', lengthBytes: 8, access: 'write' },
      catch: {},
    });
  });

  it('says what is no memory', async () => {
    const mixed = granted(new MixedProcess());
    mixed.answers['evaluate'] = () => ({
      result: { type: 'undefined' },
      exceptionDetails: {
        text: 'Uncaught',
        exception: { description: 'TypeError: EE_NO_MEMORY number\n at x' },
      },
    });
    const { transcript } = await runLines(mixed, ['watch answer'], { koffiPath: '/x/' });
    expect(transcript).toContain('EE_WATCH_MEMORY: answer is no memory but of type number.');
  });

  it('has a snippet that works in Node, for each kind of memory', () => {
    const platform = fileURLToPath(new URL('../../platform-linux/package.json', import.meta.url));
    const koffi = createRequire(platform)('koffi') as { address(view: ArrayBufferView): bigint };
    const scope = globalThis as unknown as Record<string, unknown>;
    const numbers = new Float64Array(4);
    const memory = new (scope['WebAssembly'] as { Memory: MemoryClass }).Memory({ initial: 1 });
    const shared = new SharedArrayBuffer(16);
    scope['watched'] = {
      numbers,
      memory,
      shared,
      bytes: Buffer.from('hello'),
      part: numbers.subarray(1),
      answer: 42,
      nested: { numbers },
    };
    const ask = (expression: string): unknown => {
      const answer = readMemoryAnswer(
        String(runInThisContext(memorySnippet(expression, platform))),
      );
      return answer === undefined ? undefined : [BigInt(answer.address), answer.lengthBytes];
    };
    const at = (view: ArrayBufferView): bigint => koffi.address(view);
    expect(ask('watched.numbers[2]')).toEqual([at(numbers) + 16n, 8]);
    expect(ask('watched.nested.numbers[1 + 1]')).toEqual([at(numbers) + 16n, 8]);
    expect(ask('watched.part[0]')).toEqual([at(numbers) + 8n, 8]);
    expect(ask('watched["numbers"]')).toEqual([at(numbers), 8]);
    expect(ask('watched.shared')).toEqual([at(new Uint8Array(shared)), 8]);
    expect(ask('watched.memory[100]')).toEqual([at(new Uint8Array(memory.buffer)) + 100n, 1]);
    expect(ask('watched.bytes[4]')).toEqual([
      at(new Uint8Array((scope['watched'] as { bytes: Buffer }).bytes.buffer)) +
        BigInt((scope['watched'] as { bytes: Buffer }).bytes.byteOffset) +
        4n,
      1,
    ]);
    expect(() => ask('watched.answer')).toThrow(/EE_NO_MEMORY number/);
    expect(() => ask('watched.numbers[4]')).toThrow(/EE_NO_ELEMENT 4 of 4/);
    expect(() => ask('watched.numbers[0.5]')).toThrow(/EE_NO_ELEMENT/);
    delete scope['watched'];
  });
});
