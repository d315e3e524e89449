import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TopPicture } from './row.ts';
import { type Terminal, TopScreen } from './screen.ts';

class FakeTerminal {
  readonly input = Object.assign(new EventEmitter(), { isTTY: true, isRaw: false, setRawMode: (isRaw: boolean) => (this.input.isRaw = isRaw), resume: () => undefined, pause: () => undefined }); // prettier-ignore
  readonly output = Object.assign(new EventEmitter(), { columns: 80, rows: 10, write: (text: string) => this.written.push(text) }); // prettier-ignore
  readonly written: string[] = [];

  press(key: string): void {
    this.input.emit('data', Buffer.from(key));
  }

  /** What stands there after the last drawing. */
  get lines(): string[] {
    // oxlint-disable-next-line no-control-regex -- what it takes out are control sequences
    return (this.written.at(-1) ?? '').replaceAll(/\u001B\[[?\d]*[A-Za-z]/g, '').split('\r\n');
  }
}

const picture: TopPicture = {
  timeMs: 0,
  heard: ['**'],
  processes: [{ pid: 1, name: 'app' }],
  rows: Array.from({ length: 20 }, (_, n) => ({ event: `event.n${n}`, perSecond: 20 - n, total: n, minute: [n] })), // prettier-ignore
  lost: 0,
  silent: 0,
  refusals: [],
};

function start(): { terminal: FakeTerminal; screen: TopScreen } {
  const terminal = new FakeTerminal();
  const screen = new TopScreen(terminal as unknown as Terminal, (_style, text) => text);
  screen.show(picture);
  return { terminal, screen };
}

describe('the screen of top', () => {
  it('draws in place, as many rows as there is room for, also after a resize', () => {
    const { terminal } = start();
    expect(terminal.lines).toHaveLength(10);
    terminal.output.rows = 6;
    terminal.output.columns = 40;
    terminal.output.emit('resize');
    expect(terminal.lines).toHaveLength(6);
    for (const line of terminal.lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('scrolls, filters and forgets the filter', () => {
    const { terminal } = start();
    terminal.press('\u001B[B');
    expect(terminal.lines[3]).toContain('event.n1 ');
    for (const key of ['/', 'n', '1', '9', '\r']) terminal.press(key);
    expect(terminal.lines[3]).toContain('event.n19');
    expect(terminal.lines).toHaveLength(5);
    terminal.press('\u001B');
    expect(terminal.lines[3]).toContain('event.n0');
  });

  it('ends with q, is interrupted by Ctrl-C, and leaves the terminal as it was', async () => {
    const { screen, terminal } = start();
    expect(terminal.input.isRaw).toBe(true);
    terminal.press('q');
    expect(await screen.left).toBe('quit');
    screen[Symbol.dispose]();
    expect(terminal.input.isRaw).toBe(false);
    expect(terminal.written.at(-1)).toContain('\u001B[?25h');
    expect(terminal.output.listenerCount('resize')).toBe(0);
    const other = start();
    other.terminal.press('\u0003');
    expect(await other.screen.left).toBe('interrupted');
  });
});
