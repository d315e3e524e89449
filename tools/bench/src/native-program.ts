import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Is a program installed? */
export function has(program: string): boolean {
  const places = (process.env['PATH'] ?? '').split(delimiter);
  return places.some((each) => existsSync(join(each, program)));
}

/** A program of machine code, made for the occasion; it answers each line with one. */
export interface NativeProgram extends AsyncDisposable {
  readonly pid: number;
  /** Rejects when the program ends instead, with what it said on stderr. */
  ask(line: string): Promise<string>;
}

/**
 * Compiles a program in C, which needs gcc, and starts it. Its first line says that it is ready.
 *
 * @param flags - of gcc
 */
export async function startNativeProgram(
  source: string,
  flags: readonly string[],
  args: readonly string[],
): Promise<NativeProgram> {
  if (!has('gcc')) throw new Error('this benchmark compiles a program of its own: install gcc');
  const directory = mkdtempSync(join(tmpdir(), 'bench-native-'));
  const file = join(directory, 'program');
  writeFileSync(`${file}.c`, source);
  execFileSync('gcc', [...flags, '-o', file, `${file}.c`]);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit');
  const failed = ended.then(([code, signal]) => {
    throw new Error(`a native program ended with ${String(code ?? signal)}: ${stderr}`);
  });
  failed.catch(() => {});
  const lines = createInterface({ input: child.stdout });
  const nextLine = async (): Promise<string> => {
    const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string];
    return line;
  };
  await nextLine();
  return {
    pid: child.pid ?? 0,
    ask: async (line) => {
      const answer = nextLine();
      child.stdin.write(`${line}\n`);
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}
