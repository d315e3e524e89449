import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The commands of the demo, as a file that `extev debug -x` reads. */
export const commandFile: string = fileURLToPath(new URL('../hot-spot.extev', import.meta.url));

/** The same commands as a list. */
export function readCommands(): string[] {
  return readFileSync(commandFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** The built `extev` of the installed command line package. */
function extevMain(): string {
  const manifest = createRequire(import.meta.url).resolve('@extension-events/cli/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { extev: string } };
  return join(dirname(manifest), bin.extev);
}

/**
 * Attaches the real debugger to a running process, shows what it prints while it prints it, and
 * returns that as well.
 */
export async function runDebugger(
  pid: number,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<{ status: number | null; transcript: string }> {
  const args = ['debug', String(pid), '-x', commandFile, '--batch', '--timeout', String(timeoutMs)];
  const shown = args.map((arg) => (arg === commandFile ? relative(process.cwd(), arg) : arg));
  console.log(`$ extev ${shown.join(' ')}`);
  const child = spawn(process.execPath, [extevMain(), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  let transcript = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    transcript += text;
    process.stdout.write(text);
  });
  return { status: await ended(child), transcript };
}

async function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

// Ctrl-C at the prompt is the debugger's business.
const ignore = (): void => {};

/** Leaves the user at the prompt of the debugger; returns its exit status. */
export async function runInteractive(pid: number): Promise<number | null> {
  console.log(`$ extev debug ${pid}`);
  const child = spawn(process.execPath, [extevMain(), 'debug', String(pid)], { stdio: 'inherit' });
  process.on('SIGINT', ignore);
  try {
    return await ended(child);
  } finally {
    process.off('SIGINT', ignore);
  }
}
