import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { acquireAttachLock, type AttachLock } from './lock.ts';
import { AttachProgress } from './progress.ts';

const long = 30_000;
let name: string;
let progress: AttachProgress;
beforeEach(() => {
  name = `\0extension-events-test-${randomUUID()}`;
  progress = new AttachProgress(process.pid, { timeoutMs: long });
});
const acquire = async (limitMs = long): Promise<AttachLock> => {
  const lock = await acquireAttachLock(progress, limitMs, name);
  if (lock === undefined) throw new Error('not my turn');
  return lock;
};

describe('the attach lock', () => {
  it('has one holder at a time, and every waiter gets its turn', async () => {
    let holders = 0;
    let turns = 0;
    const visit = async (): Promise<void> => {
      const lock = await acquire();
      expect(++holders).toBe(1);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      holders--;
      turns++;
      lock.release();
    };
    await Promise.all(Array.from({ length: 12 }, visit));
    expect(turns).toBe(12);
  });

  it('is waited for no longer than the limit', async () => {
    const lock = await acquire();
    expect(await acquireAttachLock(progress, 40, name)).toBeUndefined();
    lock.release();
    (await acquire()).release();
  });

  it('stops waiting when the caller gives up', async () => {
    const lock = await acquire();
    const abort = new AbortController();
    const impatient = new AttachProgress(process.pid, { timeoutMs: long, signal: abort.signal });
    const waiting = acquireAttachLock(impatient, long, name);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toMatchObject({ code: 'EE_ATTACH_ABORTED' });
    lock.release();
  });

  it('is freed by the kernel when its holder is killed', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(name)}, () => console.log('held'))`;
    const holder = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const waiting = acquire();
    holder.kill('SIGKILL');
    const lock = await waiting;
    expect(lock).toBeDefined();
    lock.release();
  });
});
