import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running shop service. */
export interface ServiceProcess {
  readonly pid: number;
  readonly url: string;
  /** What it has written to stderr so far. */
  readonly stderr: string;
  /** Has it ended, of itself or because somebody ended it? */
  readonly hasExited: boolean;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

// The source is run as src/ by the tests and as dist/ by the demo: both are one level deep.
const serviceMain = fileURLToPath(new URL('../dist/service/main.js', import.meta.url));

/**
 * Starts the shop service as anybody would: `node dist/service/main.js`, no flag, no preload.
 *
 * @param nodeFlags - only for tests that measure the service itself
 */
export async function startService(nodeFlags: readonly string[] = []): Promise<ServiceProcess> {
  const { NODE_OPTIONS: _unwanted, ...env } = process.env;
  const child = spawn(process.execPath, [...nodeFlags, serviceMain], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  let stderr = '';
  let hasExited = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  void exited.then(() => (hasExited = true));

  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the service ended (${code}) before it listened: ${stderr}`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    pid: child.pid ?? 0,
    url,
    get stderr() {
      return stderr;
    },
    get hasExited() {
      return hasExited;
    },
    async stop() {
      child.kill('SIGTERM');
      // A thread that is held by a debugger does not see SIGTERM.
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(timer);
    },
  };
}
