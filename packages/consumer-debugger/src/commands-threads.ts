import type { HeldBy } from '@extension-events/session';
import { parseNumber } from './arguments.ts';
import type { Command, Context } from './context.ts';
import { formatPlace, formatReason } from './format-stop.ts';
import { showStop } from './show-stop.ts';

/** Commands about the threads of the process. */
export const threadCommands: readonly Command[] = [
  {
    name: 'info threads',
    section: 'threads',
    usage: 'info threads',
    summary: 'show the threads, which one is selected, and where the stopped ones stand',
    run: showThreads,
  },
  {
    name: 'thread',
    aliases: ['t'],
    section: 'threads',
    usage: 'thread [N]',
    summary: 'select a thread, or say which one is selected',
    examples: ['thread 2'],
    completes: 'thread',
    run: selectThread,
  },
];

async function showThreads({ debuggee, transcript }: Context): Promise<void> {
  const threads = debuggee.threads.toSorted(
    (a, b) => debuggee.numberOf(a.key) - debuggee.numberOf(b.key),
  );
  if (threads.length === 0) {
    transcript.write('No threads.');
    return;
  }
  const selected = debuggee.thread.key;
  const hasNative = threads.some((thread) => thread.runs === 'native');
  const rows: string[][] = [];
  for (const thread of threads) {
    const stop = debuggee.board.get(thread.key);
    let state = thread.state === 'held' ? formatHeld(thread.heldBy) : 'running';
    if (stop !== undefined) {
      const frames = await debuggee.frames(stop).catch(() => []);
      const frame = frames.find((candidate) => candidate.isUser) ?? frames[0];
      const at =
        frame === undefined
          ? ''
          : ` in ${frame.functionName || '<anonymous>'} at ${formatPlace({ ...frame.place, column: 0 })}`;
      state = `stopped${at} (${formatReason(stop.cause, stop.entries)})`;
    }
    const name = thread.name === '' ? `thread ${thread.threadId}` : thread.name;
    const mark = thread.key === selected ? '*' : ' ';
    const engine = hasNative ? [debuggee.engine.engineOf?.(thread.key) ?? ''] : [];
    const number = `${mark} ${debuggee.numberOf(thread.key)}`;
    rows.push([number, ...engine, `${name} (tid ${thread.tid})`, state]);
  }
  const header = ['  Id', ...(hasNative ? ['Engine'] : []), 'Thread', 'State'];
  transcript.write(...formatTable(header, rows));
}

/** What is known of a stop that is somebody else's. */
export function formatHeld({ event, holders }: HeldBy = { holders: [] }): string {
  const who = holders.length === 0 ? 'another debugger' : holders.join(', ');
  return `held by ${who}${event === undefined ? '' : ` at ${event}`}`;
}

/** Left-aligned columns, two blanks apart. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

async function selectThread(context: Context, argument: string): Promise<void> {
  const { debuggee, transcript } = context;
  if (argument === '') {
    const { thread } = debuggee;
    const state = debuggee.board.get(thread.key) === undefined ? 'running' : 'stopped';
    transcript.write(`Thread ${debuggee.nameThread(thread.key)} is selected; it is ${state}.`);
    return;
  }
  const thread = debuggee.getThread(parseNumber(argument, 'a thread'));
  await debuggee.select(thread.key);
  const stop = debuggee.board.get(thread.key);
  transcript.write(`Switching to thread ${debuggee.nameThread(thread.key)}.`);
  if (stop === undefined) {
    transcript.write('It is running.');
    return;
  }
  stop.isShown = true;
  await showStop(debuggee, transcript, stop);
}
