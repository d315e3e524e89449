import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { Child } from './child.ts';
import { main } from './extev.ts';

const directory = mkdtempSync(join(tmpdir(), 'extension-events-native-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
chmodSync(directory, 0o755); // for programs that other users run
const built = new Map<string, string>();

/** Is this program on the machine? */
export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Is this root, for what an ordinary user may not do? */
export const isRoot: boolean = process.geteuid?.() === 0;

/** Skips where the kernel does not tell how much a socket sends. */
export function needSendLength(context: TestContext): void {
  if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 3)) context.skip(`needs sock_send_length: Linux has it since 6.3, this is ${release()}`); // prettier-ignore
}

let refusal: string | undefined;

/** Skips where hardware breakpoints cannot be had, or never fire, as `extev doctor` tells. */
export function needDataBreakpoint(context: TestContext): void {
  refusal ??= whyNoBreakpoint();
  if (refusal !== '') context.skip(`needs data-breakpoint: ${refusal}`);
}

function whyNoBreakpoint(): string {
  const { stdout } = spawnSync(process.execPath, [main, 'doctor', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
  const { checks } = JSON.parse(stdout) as { checks: { what: string; code?: string; detail: string }[] }; // prettier-ignore
  const found = checks.find(({ what }) => what === 'hardware breakpoints');
  return found?.code === undefined ? '' : found.detail;
}

/** Compiles a C fixture, once; returns the path of the program. */
export function compile(name: string, flags: readonly string[] = ['-O1', '-g']): string {
  const key = [name, ...flags].join(' ');
  const present = built.get(key);
  if (present !== undefined) return present;
  const source = fileURLToPath(new URL(`../../fixtures/native/${name}.c`, import.meta.url));
  const output = join(directory, `${name}-${built.size}`);
  execFileSync('gcc', [...flags, '-fno-omit-frame-pointer', '-o', output, source, '-lpthread']);
  built.set(key, output);
  return output;
}

/** Starts a compiled fixture and waits until it says `ready`. */
export async function startNative(name: string, args: readonly string[] = []): Promise<Child> {
  const child = new Child(compile(name), args);
  await child.says('ready');
  return child;
}

/** The number that a program printed after a word at the start of a line. */
export function numberAfter({ stdout }: Child, word: string): number {
  return Number(new RegExp(`^${word} (\\d+)`, 'm').exec(stdout)?.[1]);
}
