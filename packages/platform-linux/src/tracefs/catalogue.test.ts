import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { importFormats, writeExport } from './export.ts';
import { exportFile, nearNames, openTracefs, openTracepoints, readTracefs, runningKernel, tracefsErrorCodes, tracefsState, whyNoTracepoints } from './index.ts'; // prettier-ignore
import type { Tracepoints } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'tracefs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const nowhere = [join(directory, 'nothing'), join(directory, 'nothing-either')];
const formatText = 'name: send\nID: 13\nformat:\n\tfield:int len;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: "x"\n'; // prettier-ignore

let places = 0;
function fakeTracefs(): string {
  const root = join(directory, `fake-${places++}`);
  mkdirSync(join(root, 'events/net/send'), { recursive: true });
  writeFileSync(join(root, 'events/net/send/format'), formatText);
  writeFileSync(join(root, 'available_events'), 'net:send\nnet:receive\n../..:etc\nnet:a/b\n\n');
  return root;
}

async function open(context: TestContext): Promise<Tracepoints> {
  if (tracefsState() === 'absent') context.skip('needs tracefs: the kernel has none');
  if (tracefsState() === 'forbidden') context.skip('needs tracefs: it is for root');
  return await openTracepoints();
}

describe('the tracepoints of this kernel', () => {
  it('are read without changing the system', async (context) => {
    const before = readFileSync('/proc/mounts', 'utf8');
    using tracepoints = await open(context);
    expect(tracepoints.origin).toBe('tracefs');
    expect(tracepoints.names.length).toBeGreaterThan(100);
    const { id, fields, system } = tracepoints.get('sched:sched_switch');
    expect(id).toBeGreaterThan(0);
    expect(system).toBe('sched');
    expect(fields).toMatchObject({
      prev_comm: { type: 'string' },
      prev_pid: { type: 'i32' },
      prev_state: { type: 'i64' },
    });
    expect(readFileSync('/proc/mounts', 'utf8')).toBe(before);
  });

  it('all have formats that are understood, and different numbers', async (context) => {
    using tracepoints = await open(context);
    const ids = new Set<number>();
    for (const name of tracepoints.names) {
      const tracepoint = tracepoints.tryGet(name);
      if (tracepoint === undefined) continue; // a module was unloaded
      ids.add(tracepoint.id);
      const declared = tracepoints.readFormat(name)?.match(/^\tfield:(?!.* common_)/gm) ?? [];
      expect(tracepoint.format.fields).toHaveLength(declared.length);
      expect(Object.keys(tracepoint.fields).length).toBeGreaterThanOrEqual(Math.min(31, declared.length)); // prettier-ignore
    }
    expect(ids.size).toBe(tracepoints.names.length);
  });

  it('are exported for everybody and read again, the same', async (context) => {
    using tracepoints = await open(context);
    const file = join(directory, 'deep/er/tracepoints.json');
    const count = writeExport(tracepoints, file);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    using imported = await openTracepoints({ places: nowhere, file });
    expect(imported.origin).toBe('export');
    expect(imported.names).toHaveLength(count);
    for (const name of [
      'sched:sched_switch',
      'sock:sock_send_length',
      'syscalls:sys_enter_write',
    ]) {
      expect(imported.tryGet(name)?.format).toEqual(tracepoints.tryGet(name)?.format);
    }
    expect(whyNoTracepoints({ places: nowhere, file })).toBeUndefined();
  });
});

describe('tracefs', () => {
  it('is used where it is mounted', async () => {
    const place = fakeTracefs();
    using root = await openTracefs([...nowhere, place]);
    expect(root.path).toBe(place);
    using tracepoints = await readTracefs([place]);
    expect(tracepoints.names).toEqual(['net:receive', 'net:send']);
    expect(tracepoints.get('net:send')).toMatchObject({ id: 13, fields: { len: { type: 'i32' } } });
    expect(tracepoints.get('net:send')).toBe(tracepoints.get('net:send'));
    expect(tracepoints.tryGet('net:receive')).toBeUndefined();
  });

  it('names similar tracepoints for one that is not there', async () => {
    using tracepoints = await readTracefs([fakeTracefs()]);
    expect(() => tracepoints.get('net:sent')).toThrow(
      expect.objectContaining({ code: 'EE_TRACEPOINT_UNKNOWN', hint: expect.stringContaining('tracepoint:net:send') }), // prettier-ignore
    );
    for (const name of ['', ':', 'net', 'net:', '../..:etc', 'net:../net/send', 'x'.repeat(5000)]) {
      expect(() => tracepoints.get(name)).toThrow(expect.objectContaining({ code: 'EE_TRACEPOINT_UNKNOWN' })); // prettier-ignore
    }
  });

  it('that is absent is said to be', async () => {
    expect(tracefsState(nowhere)).toBe('absent');
    const file = join(directory, 'no.json');
    await expect(openTracepoints({ places: nowhere, file })).rejects.toMatchObject({ code: 'EE_TRACEFS_ABSENT' }); // prettier-ignore
    expect(whyNoTracepoints({ places: nowhere, file })?.code).toBe('EE_TRACEFS_ABSENT');
  });

  it('that may not be read is said so, with what to do', async (context) => {
    if (process.getuid?.() === 0) context.skip('needs an ordinary user: root may read everything');
    const place = fakeTracefs();
    chmodSync(place, 0);
    const where = { places: [place], file: join(directory, 'no.json') };
    expect(tracefsState([place])).toBe('forbidden');
    await expect(openTracepoints(where)).rejects.toMatchObject({ code: 'EE_TRACEFS_PERMISSION', hint: expect.stringContaining('--export-tracepoints') }); // prettier-ignore
    expect(whyNoTracepoints(where)?.code).toBe('EE_TRACEFS_PERMISSION');
    chmodSync(place, 0o755);
  });
});

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

describe('an exported file', () => {
  const source = { names: ['net:send', 'kprobes:mine', 'net:gone'], readFormat: (name: string) => (name === 'net:gone' ? undefined : formatText) }; // prettier-ignore

  it('holds what lasts as long as the kernel', () => {
    const file = join(directory, 'one.json');
    expect(writeExport(source, file)).toBe(1);
    expect([...(importFormats(file)?.keys() ?? [])]).toEqual(['net:send']);
    expect(exportFile()).toContain(runningKernel().release);
  });

  it.each([{ release: '0.0.1' }, { version: '#2 another build' }])(
    'of another kernel (%j) is refused',
    (other) => {
      const file = join(directory, 'other.json');
      writeExport(source, file, { ...runningKernel(), ...other });
      expect(() => importFormats(file)).toThrow(expect.objectContaining({ code: 'EE_TRACEFS_RELEASE' })); // prettier-ignore
      expect(whyNoTracepoints({ places: nowhere, file })?.code).toBe('EE_TRACEFS_RELEASE');
    },
  );

  it('that cannot be written leaves nothing behind', () => {
    const file = join(directory, 'one.json/x.json');
    expect(() => writeExport(source, file)).toThrow(expect.objectContaining({ code: 'EE_TRACEFS_EXPORT' })); // prettier-ignore
  });

  it('may be anything', () => {
    const file = join(directory, 'garbage.json');
    const almost = fc.record({ v: fc.oneof(fc.constant(1), fc.anything()), release: fc.oneof(fc.constant(runningKernel().release), fc.anything()), version: fc.constant(runningKernel().version), formats: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.constant(formatText), fc.string(), fc.integer())), fc.anything()) }).map((each) => JSON.stringify(each, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))); // prettier-ignore
    fc.assert(
      fc.property(fc.oneof(almost, fc.string(), fc.json()), (text) => {
        writeFileSync(file, text);
        expect(codeOf(() => importFormats(file))).toMatch(/^(none|EE_TRACEFS_(EXPORT|RELEASE))$/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('similar names', () => {
  it('are those with few differences, and those that hold the wanted one', () => {
    const names = ['sock:sock_send_length', 'sock:sock_recv_length', 'net:net_dev_queue'];
    expect(nearNames('sock_send', names)).toEqual(['sock:sock_send_length']);
    expect(nearNames('sock:sock_sent_length', names)[0]).toBe('sock:sock_send_length');
    expect(nearNames('zzz', names)).toEqual([]);
    expect(nearNames('', names)).toEqual([]);
  });
});

it('each code of the door has a meaning', () => {
  for (const [code, meaning] of Object.entries(tracefsErrorCodes)) {
    expect(code).toMatch(/^EE_TRACE/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  }
});
