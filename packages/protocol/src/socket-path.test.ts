import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkSocketDirectory,
  effectiveUid,
  ensureSocketDirectory,
  parseSocketName,
  parseStartTime,
  readStartTime,
  socketDirectory,
  socketName,
  socketPath,
} from './socket-path.ts';

const uid = process.geteuid?.() ?? 0;
let root: string;
let bases: { runtimeBase: string; temporaryBase: string };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ee-socket-path-'));
  bases = { runtimeBase: join(root, 'run'), temporaryBase: join(root, 'tmp') };
  mkdirSync(bases.runtimeBase);
  mkdirSync(bases.temporaryBase);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const refusal = (): { code: string; message: string; hint: string } => {
  try {
    ensureSocketDirectory(uid, bases);
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('it was accepted');
};

describe('the socket directory', () => {
  it('is below the run-time directory of the user when that exists', () => {
    mkdirSync(join(bases.runtimeBase, String(uid)));
    expect(socketDirectory(uid, bases)).toBe(
      join(bases.runtimeBase, String(uid), 'extension-events'),
    );
  });

  it('is below the temporary directory otherwise, whatever the environment says', () => {
    const { XDG_RUNTIME_DIR, TMPDIR } = process.env;
    Object.assign(process.env, { XDG_RUNTIME_DIR: root, TMPDIR: root });
    try {
      expect(socketDirectory(uid, bases)).toBe(
        join(bases.temporaryBase, `extension-events-${uid}`),
      );
      expect(socketDirectory(4242, { runtimeBase: bases.runtimeBase })).toBe(
        '/tmp/extension-events-4242',
      );
    } finally {
      for (const [name, value] of Object.entries({ XDG_RUNTIME_DIR, TMPDIR })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('does not follow a run-time directory that is a link or a file', () => {
    symlinkSync(bases.temporaryBase, join(bases.runtimeBase, String(uid)));
    expect(socketDirectory(uid, bases)).toContain(bases.temporaryBase);
    rmSync(join(bases.runtimeBase, String(uid)));
    writeFileSync(join(bases.runtimeBase, String(uid)), '');
    expect(socketDirectory(uid, bases)).toContain(bases.temporaryBase);
  });

  it('is created with mode 0700 and accepted again', () => {
    expect(checkSocketDirectory(uid, bases)).toBeUndefined();
    const path = ensureSocketDirectory(uid, bases);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(ensureSocketDirectory(uid, bases)).toBe(path);
    expect(checkSocketDirectory(uid, bases)).toBe(path);
  });

  it('is refused when others may enter, with the command that closes it', () => {
    const path = ensureSocketDirectory(uid, bases);
    for (const mode of [0o710, 0o701, 0o704, 0o777]) {
      chmodSync(path, mode);
      expect(refusal()).toMatchObject({ code: 'EE_SOCKET_DIR' });
      expect(refusal().message).toContain(mode.toString(8).padStart(4, '0'));
      expect(refusal().hint).toContain(`chmod 700 ${path}`);
    }
    chmodSync(path, 0o700);
    expect(ensureSocketDirectory(uid, bases)).toBe(path);
  });

  it('is refused when it is a symbolic link, also to a directory that would do, also dangling', () => {
    const path = socketDirectory(uid, bases);
    const target = join(root, 'elsewhere');
    mkdirSync(target, { mode: 0o700 });
    symlinkSync(target, path);
    expect(refusal().message).toContain('symbolic link');
    rmSync(path);
    symlinkSync(join(root, 'nowhere'), path);
    expect(refusal().message).toContain('symbolic link');
  });

  it('is refused when it is a file', () => {
    writeFileSync(socketDirectory(uid, bases), '');
    expect(refusal().message).toContain('not a directory');
  });

  it('is refused when its parent is missing', () => {
    rmSync(bases.temporaryBase, { recursive: true });
    expect(refusal()).toMatchObject({ code: 'EE_SOCKET_DIR' });
    expect(refusal().message).toContain('ENOENT');
  });

  // Only root can give a directory away.
  it.skipIf(uid !== 0)('is refused when it belongs to somebody else', () => {
    const path = ensureSocketDirectory(uid, bases);
    chownSync(path, 4242, 4242);
    expect(refusal().message).toContain('belongs to uid 4242, not to uid 0');
    expect(() => ensureSocketDirectory(4243, bases)).toThrow('belongs to uid 0, not to uid 4243');
  });
});

describe('socket names', () => {
  it('survive a round trip', () => {
    expect(socketName(12, 345)).toBe('12-345.sock');
    expect(parseSocketName('12-345.sock')).toEqual({ pid: 12, startTime: 345, role: 'agent' });
    expect(socketName(12, 345, 'host')).toBe('12-345.host.sock');
    expect(parseSocketName('12-345.host.sock')).toEqual({ pid: 12, startTime: 345, role: 'host' });
    expect(socketPath({ pid: 12, startTime: 345 }, uid, bases)).toBe(
      join(bases.temporaryBase, `extension-events-${uid}`, '12-345.sock'),
    );
  });

  it('are told from anything else', () => {
    const others = ['', '12.sock', '0-1.sock', '012-1.sock', '-1-2.sock', '12-1.sock.attach'];
    for (const name of [
      ...others,
      '12-1e3.sock',
      '12-1.sock\n',
      '99999999999-1.sock',
      '1-01.sock',
    ]) {
      expect(parseSocketName(name)).toBeUndefined();
    }
  });
});

describe('the start time', () => {
  const tail = 'S 1 2 3 0 -1 4194304 99 0 0 0 0 0 0 0 20 0 1 0 115034 3133440 379';
  it.each([
    ['node', 'node'],
    ['a command with spaces', 'my server'],
    ['a command that imitates the fields', 'x) R 1 2 3 4 5 6 7 8 9 1 1 1 1 1 1 1 1 1 1 77 ('],
    ['a command with a line break', 'a\nb) '],
  ])('is read behind %s', (_what, comm) => {
    expect(parseStartTime(`77 (${comm}) ${tail}\n`)).toBe(115_034);
  });

  it('is absent from text that was cut short', () => {
    expect(parseStartTime('77 (node) S 1 2')).toBeUndefined();
    expect(parseStartTime('')).toBeUndefined();
  });

  it('of this process stays the same, and a missing process has none', () => {
    expect(readStartTime(process.pid)).toBe(readStartTime('self'));
    expect(readStartTime(process.pid)).toBeGreaterThan(0);
    expect(readStartTime(4_194_305)).toBeUndefined();
  });
});

it('the effective uid of this process is what the process says, and a missing process has none', () => {
  expect(effectiveUid(process.pid)).toBe(uid);
  expect(effectiveUid(4_194_305)).toBeUndefined();
});
