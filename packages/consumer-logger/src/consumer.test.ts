import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ExtensionEventError } from '@extension-events/core';
import { createLogger } from './consumer.ts';
import { checkOut } from './open-pipe.ts';
import { rotatedPath } from './rotation.ts';
import { checkTrace } from './testing/check-trace.ts';
import { fakeSession, type FakeListening } from './testing/fake-session.ts';
import { Temporary } from './testing/temporary.ts';
import type { Logger, LoggerOptions } from './types.ts';

function start(options: Omit<LoggerOptions, 'patterns'>): {
  logger: Logger;
  listen: FakeListening;
} {
  const session = fakeSession();
  const logger = createLogger(session, { patterns: ['net.*'], ...options });
  const [listen] = session.listens;
  if (listen === undefined) throw new Error('nothing is listened to');
  return { logger, listen };
}

const linesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore

/** Takes nothing until it is told to. */
class SlowStream extends Writable {
  text = '';
  readonly #waiting: (() => void)[] = [];
  isOpen = false;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.isOpen) done();
    else this.#waiting.push(done);
  }

  release(): void {
    this.isOpen = true;
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Everything is taken, and whoever wrote it has been told. */
  async drained(): Promise<void> {
    do await new Promise(setImmediate);
    while (this.writableLength > 0);
  }
}

describe('a logger', () => {
  it('writes events and losses where they come, and the account last', async () => {
    using directory = new Temporary();
    const out = directory.at('a.ndjson');
    const { listen, logger } = start({ out });
    await logger.ready;
    listen.post();
    listen.lose(3);
    listen.post();
    listen.last = () => listen.post(); // what was still on its way
    const summary = await logger.close();
    const lines = linesOf(out);
    expect(lines.map((line) => Object.keys(line)[1])).toEqual(['event', 'loss', 'event', 'event', 'summary']); // prettier-ignore
    expect(lines[1]).toEqual({ v: 1, loss: { pid: 7, tid: 8, count: 3, reason: 'ring-full', pattern: 'net.*' } }); // prettier-ignore
    const account = { matched: 6, delivered: 3, lost: 3, throttled: 0 };
    expect(lines.at(-1)).toEqual({ v: 1, summary: account });
    expect(summary).toEqual({ ...account, bytes: statSync(out).size, files: 1, removed: 0, why: 'closed' }); // prettier-ignore
    expect(await logger.ended).toBe(summary);
    expect(listen.isOpen).toBe(false);
  });

  it('has each event in the file at the end of the turn in which it came', async () => {
    using directory = new Temporary();
    const { listen, logger } = start({ out: directory.at('a.ndjson') });
    listen.post();
    await Promise.resolve();
    await Promise.resolve();
    expect(linesOf(directory.at('a.ndjson'))).toHaveLength(1);
    await logger.close();
  });

  it('has a whole trace in the file at the end of each turn', async () => {
    using directory = new Temporary();
    const out = directory.at('a.json');
    const { listen, logger } = start({ out });
    await logger.ready;
    for (let n = 1; n <= 5; n++) {
      expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveLength(n === 1 ? 1 : n + 3);
      listen.post();
      await Promise.resolve();
      await Promise.resolve();
    }
    const { bytes } = await logger.close();
    expect(checkTrace(readFileSync(out, 'utf8')).at(-1)?.args).toEqual({ matched: 5, delivered: 5, lost: 0, throttled: 0 }); // prettier-ignore
    expect(statSync(out).size).toBe(bytes);
  });

  it('ends exactly at maxHit, with an account of that moment', async () => {
    using directory = new Temporary();
    const { listen, logger } = start({ out: directory.at('a.ndjson'), maxHit: 2 });
    listen.lose(1);
    for (let n = 0; n < 5; n++) listen.post();
    expect(await logger.ended).toMatchObject({ matched: 3, delivered: 2, lost: 1, why: 'max-hit' });
    expect(linesOf(directory.at('a.ndjson'))).toHaveLength(4);
  });

  it('overwrites a file, which others cannot read', async () => {
    using directory = new Temporary();
    const { logger } = start({ out: directory.at('a.txt') });
    await logger.close();
    writeFileSync(directory.at('a.txt'), 'x'.repeat(1000));
    const { logger: again } = start({ out: directory.at('a.txt') });
    await again.close();
    expect(readFileSync(directory.at('a.txt'), 'utf8')).toMatch(/^# matched 0/);
    expect(statSync(directory.at('a.txt')).mode & 0o777).toBe(0o600);
  });

  it('fails when all refuse, and goes on when one does', async () => {
    using directory = new Temporary();
    const error = new ExtensionEventError('EE_EXPR_FIELD', 'no such field', 'look');
    const { listen, logger } = start({ out: directory.at('a.txt') });
    const kinds: string[] = [];
    logger.notices$.subscribe(({ kind }) => kinds.push(kind));
    listen.refuse(error);
    await expect(logger.ready).rejects.toBe(error);
    expect(await logger.ended).toMatchObject({ why: 'failed', error });
    expect(kinds).toEqual(['refused']);
  });

  it('leaves an output as it was when all refuse', async () => {
    using directory = new Temporary();
    const out = directory.at('a.txt');
    writeFileSync(out, 'earlier\n');
    const stream = new SlowStream();
    stream.release();
    for (const [place, rotate] of [
      [out, undefined],
      [out, { bytes: 9 }],
      [directory.at('new.json'), undefined],
      [stream, undefined],
    ] as const) {
      // prettier-ignore
      const { listen, logger } = start({ out: place, ...(rotate === undefined ? {} : { rotate }) });
      listen.refuse(new ExtensionEventError('EE_EXPR_FIELD', 'no such field', 'look'));
      await expect(logger.ready).rejects.toThrow('no such field');
      expect(await logger.ended).toMatchObject({ bytes: 0, why: 'failed' });
    }
    expect(readdirSync(directory.path)).toEqual(['a.txt']);
    expect(readFileSync(out, 'utf8')).toBe('earlier\n');
    expect(stream.text).toBe('');
  });

  it('takes a process that has ended for no refusal', async () => {
    using directory = new Temporary();
    const { listen, logger } = start({ out: directory.at('a.txt') });
    const kinds: string[] = [];
    logger.notices$.subscribe(({ kind }) => kinds.push(kind));
    listen.post();
    listen.refuse(new ExtensionEventError('EE_CONNECTION_LOST', 'it is gone', 'look'));
    await logger.ready;
    expect(await logger.close()).toMatchObject({ delivered: 1, why: 'closed' });
    expect(kinds).toEqual(['ended']);
  });
});

describe('rotation', () => {
  it.each(['ndjson', 'chrome-trace', 'text'] as const)(
    'by size loses nothing and keeps every file whole, as %s',
    async (format) => {
      using directory = new Temporary();
      const out = directory.at('log.x');
      const { listen, logger } = start({ out, format, rotate: { bytes: 2000, keep: 999 } });
      for (let n = 1; n <= 211; n++) {
        listen.post({ payload: { n } });
        if (n % 10 === 0) await Promise.resolve();
      }
      const { bytes, files } = await logger.close();
      const paths = Array.from({ length: files }, (_, i) => (i === 0 ? out : rotatedPath(out, i))).toReversed(); // prettier-ignore
      const texts = paths.map((path) => readFileSync(path, 'utf8'));
      expect(readdirSync(directory.path)).toHaveLength(files);
      expect(texts.join('')).toHaveLength(bytes);
      const isWhole = (text: string): boolean =>
        format === 'chrome-trace' ? checkTrace(text).length > 1 : text.length <= 2000 && text.length > 1800; // prettier-ignore
      expect(texts.slice(0, -1).every((text) => isWhole(text))).toBe(true);
      const numbers = [...texts.join('').matchAll(/(?:"n":|n=)(\d+)/g)].map(([, n]) => Number(n));
      expect(numbers).toEqual(Array.from({ length: 211 }, (_, i) => i + 1));
    },
  );

  it('by time closes a file also when nothing comes any more, and no empty ones', async () => {
    using directory = new Temporary();
    const out = directory.at('log.ndjson');
    const { listen, logger } = start({ out, rotate: { ms: 5 } });
    listen.post();
    while (readdirSync(directory.path).length < 2) await new Promise(setImmediate);
    expect(linesOf(rotatedPath(out, 1))).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 25));
    expect((await logger.close()).files).toBe(2);
    expect(linesOf(out)).toMatchObject([{ summary: { delivered: 1 } }]);
  });

  it('counts the files that it removed', async () => {
    using directory = new Temporary();
    const { listen, logger } = start({ out: directory.at('a.ndjson'), rotate: { bytes: 10, keep: 3 } }); // prettier-ignore
    for (let n = 0; n < 7; n++) listen.post();
    const { files, removed } = await logger.close();
    expect(readdirSync(directory.path)).toHaveLength(4);
    expect({ files, removed }).toEqual({ files: 7, removed: 3 });
  });

  it('keeps what an earlier run has left', async () => {
    using directory = new Temporary();
    const out = directory.at('log.txt');
    writeFileSync(out, 'earlier\n');
    await start({ out, rotate: { bytes: 1e6 } }).logger.close();
    expect(readFileSync(directory.at('log.1.txt'), 'utf8')).toBe('earlier\n');
  });
});

describe('an output that cannot be written to', () => {
  it.each([
    ['/nowhere/log.txt', 'directory does not exist'],
    ['/dev/null/log.txt', 'is no directory'],
    ['/tmp', 'it is a directory'],
  ])('is refused at once: %s', (out, why) => {
    const refusal = expect.objectContaining({ code: 'EE_LOG_OPEN', message: expect.stringContaining(why) }); // prettier-ignore
    expect(() => start({ out })).toThrow(refusal);
    expect(() => checkOut(out)).toThrow(refusal);
  });

  it('because the disk is full ends the logger, and counts as lost what is not there', async () => {
    const { listen, logger } = start({ out: '/dev/full' });
    for (let n = 0; n < 5; n++) listen.post();
    const summary = await logger.ended;
    expect(summary).toMatchObject({ matched: 5, delivered: 0, lost: 5, bytes: 0, why: 'failed' });
    expect(summary.error).toMatchObject({ code: 'EE_LOG_FULL', hint: expect.stringContaining('Make room') }); // prettier-ignore
  });

  it('because it is a pipe without a reader is refused, and does not wait for one', () => {
    using directory = new Temporary();
    execFileSync('mkfifo', [directory.at('pipe')]);
    expect(() => start({ out: directory.at('pipe') })).toThrow(expect.objectContaining({ code: 'EE_LOG_OPEN', hint: 'Start the reader of the pipe first.' })); // prettier-ignore
  });

  it('because the reader of a pipe went away ends the logger', async () => {
    using directory = new Temporary();
    execFileSync('mkfifo', [directory.at('pipe')]);
    const reader = openSync(directory.at('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    const { listen, logger } = start({ out: directory.at('pipe'), format: 'ndjson' });
    listen.post();
    while (logger.summary.bytes === 0) await new Promise(setImmediate);
    const seen = Buffer.alloc(1000);
    expect(seen.toString('utf8', 0, readSync(reader, seen))).toMatch(/^\{"v":1.*\}\n$/);
    closeSync(reader);
    listen.post();
    const summary = await logger.ended;
    expect(summary.error?.code).toBe('EE_LOG_READER_GONE');
    expect(summary).toMatchObject({ matched: 2, delivered: 1, lost: 1, why: 'failed' });
  });

  it('because the stream was destroyed ends the logger', async () => {
    const stream = new SlowStream();
    const { logger } = start({ out: stream });
    stream.destroy();
    expect((await logger.ended).error?.code).toBe('EE_LOG_READER_GONE');
  });
});

describe('a slow stream', () => {
  it('costs events that are counted with a reason of their own, never memory', async () => {
    const stream = new SlowStream();
    const { listen, logger } = start({ out: stream, format: 'ndjson', bufferBytes: 100_000 });
    const kinds: string[] = [];
    logger.notices$.subscribe(({ kind }) => kinds.push(kind));
    let most = 0;
    for (let n = 0; n < 20_000; n++) {
      listen.post();
      if (n % 100 === 0) await Promise.resolve();
      most = Math.max(most, stream.writableLength);
    }
    listen.lose(2); // what is lost on the way here is not forgotten either
    expect(most).toBeLessThanOrEqual(100_000);
    expect(kinds).toEqual(['slow']);
    stream.release();
    await stream.drained();
    listen.post();
    const summary = await logger.close();
    const lines = stream.text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>); // prettier-ignore
    const written = lines.filter((line) => 'event' in line).length;
    const losses = lines.flatMap(({ loss }) => loss ?? []);
    const slow = 20_001 - written;
    expect(losses).toEqual([
      { pid: 7, tid: 8, count: slow, reason: 'slow-output' },
      { pid: 7, tid: 8, count: 2, reason: 'ring-full', pattern: 'net.*' },
    ]);
    expect(slow).toBeGreaterThan(10_000);
    const account = { matched: 20_003, delivered: written, lost: slow + 2, throttled: 0 };
    expect(summary).toMatchObject({ ...account, files: 0, bytes: Buffer.byteLength(stream.text) });
    expect(lines.at(-1)).toEqual({ v: 1, summary: account });
    // The gap is where the events are missing.
    const at = lines.findIndex((line) => 'loss' in line);
    expect(lines[at + 2]).toMatchObject({ seq: 20_003 });
  });

  it('tells names again that were lost with their lines', async () => {
    const stream = new SlowStream();
    const { listen, logger } = start({ out: stream, format: 'chrome-trace', bufferBytes: 10_000 });
    for (let n = 0; n < 1000; n++) {
      listen.post();
      if (n % 10 === 0) await Promise.resolve();
    }
    for (let n = 0; n < 10; n++) listen.post({ tid: 9 });
    await Promise.resolve();
    stream.release();
    await stream.drained();
    listen.post({ tid: 9 });
    await logger.close();
    expect(checkTrace(stream.text).length).toBeLessThan(500);
  });

  it('that takes nothing any more does not hold up the end', async () => {
    const { listen, logger } = start({ out: new SlowStream(), flushMs: 1 });
    listen.post();
    const summary = await logger.close();
    expect(summary.error?.code).toBe('EE_LOG_STUCK');
    expect(summary).toMatchObject({ matched: 1, delivered: 0, lost: 1, why: 'failed' });
  });
});
