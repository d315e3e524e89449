import { addCatchpoint } from './commands-stops.ts';
import type { Command, Context } from './context.ts';
import type { EngineFrame, MemoryRange } from './engine.ts';
import { debuggerError, isCodedError } from './errors.ts';
import { fitRange, memorySnippet, parseWatchArgument, readMemoryAnswer } from './memory-expression.ts'; // prettier-ignore

/** Catching the accesses to memory that an expression names. */
export const watchCommands: readonly Command[] = [
  {
    name: 'watch',
    section: 'stops',
    usage: 'watch EXPRESSION [rw | x]',
    summary: 'stop the thread that writes (rw: touches, x: runs) the memory that EXPRESSION names',
    details:
      'It is catch hw-breakpoint.hit with the address filled in, at most 8 bytes of it, on every thread. EXPRESSION is of the selected thread: a variable, element or field of a native one; a typed array, Buffer, ArrayBuffer, SharedArrayBuffer, wasm memory, or an element of one, of the main JavaScript thread. For JavaScript the address is found inside the program, with koffi loaded into it: that needs --write.',
    examples: ['watch counter', 'watch table[3] rw', 'watch state.totals[2]'],
    completes: 'expression',
    run: watch,
  },
];

async function watch(context: Context, argument: string): Promise<void> {
  const { debuggee, transcript } = context;
  const { expression, access } = parseWatchArgument(argument);
  const { thread } = debuggee;
  const stop = debuggee.board.shown(thread.key);
  const frame =
    stop === undefined ? undefined : (await debuggee.frames(stop))[debuggee.selectedLevel];
  const isNative = thread.runs === 'native' || frame?.engine !== undefined;
  const found = isNative
    ? await debuggee.engine.findMemory?.(thread.key, frame, expression, access)
    : await findScriptMemory(context, frame, expression, access);
  if (found === undefined) {
    throw debuggerError(
      'EE_WATCH_MEMORY',
      'This debugger cannot tell where an expression is in memory.',
      'Give the address: catch hw-breakpoint.hit address=0x… lengthBytes=4.',
    );
  }
  const range = access === 'execute' ? found : fitRange(found);
  const part =
    range.lengthBytes < found.lengthBytes
      ? `; the first ${range.lengthBytes} of its ${found.lengthBytes} bytes are watched`
      : '';
  transcript.write(`${expression} is at ${range.address}${part}.`);
  const length = access === 'execute' ? '' : ` lengthBytes=${range.lengthBytes}`;
  await addCatchpoint(context, `hw-breakpoint.hit address=${range.address}${length} access=${access}`, false); // prettier-ignore
}

async function findScriptMemory(
  context: Context,
  frame: EngineFrame | undefined,
  expression: string,
  access: string,
): Promise<MemoryRange> {
  const { debuggee, koffiPath, transcript } = context;
  const { connection, thread } = debuggee;
  if (access === 'execute') {
    throw debuggerError(
      'EE_WATCH_MEMORY',
      'JavaScript code is no memory that stays in its place.',
      'break stops where JavaScript runs.',
    );
  }
  if (!context.mayWrite) {
    throw debuggerError(
      'EE_SIDE_EFFECT',
      'To find the address of JavaScript memory, koffi is loaded into the program, which was not allowed to this debugger.',
      'Start it with --write; or name the address: catch hw-breakpoint.hit address=0x….',
    );
  }
  if (koffiPath === undefined) {
    throw debuggerError(
      'EE_WATCH_MEMORY',
      'There is no koffi that could be loaded into the program.',
      'Install the platform-linux package beside the debugger, or name the address: catch hw-breakpoint.hit address=0x….',
    );
  }
  if (thread.threadId !== 0) {
    throw debuggerError(
      'EE_WATCH_MEMORY',
      `koffi is loaded into the main thread only, and thread ${debuggee.nameThread(thread.key)} is another one.`,
      'Select the main thread; shared memory has the same address in every thread.',
    );
  }
  transcript.write(`Loading koffi into the main thread of process ${connection.pid} to find the address.`); // prettier-ignore
  const [line = ''] = await evaluate(
    context,
    frame,
    memorySnippet(expression, koffiPath),
    expression,
  );
  const range = readMemoryAnswer(line);
  if (range !== undefined) return range;
  throw debuggerError(
    'EE_WATCH_MEMORY',
    `The address of ${expression} was not told: ${line}.`,
    'print shows what the expression is.',
  );
}

async function evaluate(
  { debuggee }: Context,
  frame: EngineFrame | undefined,
  snippet: string,
  expression: string,
): Promise<readonly string[]> {
  try {
    return await debuggee.engine.evaluate(debuggee.thread.key, frame, snippet, true);
  } catch (error) {
    const message = isCodedError(error) ? error.message : String(error);
    if (!/EE_NO_MEMORY|EE_NO_ELEMENT/.test(message)) throw error;
    const element = /EE_NO_ELEMENT (.*)/.exec(message)?.[1];
    throw debuggerError(
      'EE_WATCH_MEMORY',
      element === undefined
        ? `${expression} is no memory but of type ${/EE_NO_MEMORY (\w+)/.exec(message)?.[1] ?? 'unknown'}.`
        : `${expression} has no such element (${element}).`,
      'Name a typed array, a Buffer, an ArrayBuffer, a SharedArrayBuffer, a wasm memory, or an element of one.',
    );
  }
}
