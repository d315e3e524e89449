// Starts programs for tools/run.mjs. Syntax of Node 18.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Exit status of a finished child as a shell reports it: 130 after Ctrl-C. */
export function statusOf(code, signal) {
  return signal === null ? code : 128 + constants.signals[signal];
}

const ignore = () => {};

/** A runner whose programs find the repository's own Node and tools first on PATH. */
export function createRunner() {
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
  const path = [join(root, 'node_modules/.bin')];

  function run(command, args, stdio) {
    const PATH = [...path, process.env.PATH].join(delimiter);
    const child = spawn(command, args, { cwd: root, env: { ...env, PATH }, stdio });
    // Ctrl-C reaches the whole process group: the child decides what it means. A request to end is
    // passed on, since only this process was asked.
    const passOn = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore);
    process.on('SIGTERM', passOn);
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) stream.on('data', (chunk) => output.push(chunk));
    }
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        process.off('SIGINT', ignore);
        process.off('SIGTERM', passOn);
        resolve({ status: statusOf(code, signal), output: Buffer.concat(output).toString() });
      });
    });
  }

  return {
    /** Adds a directory to PATH, after the repository's own tools. */
    addToPath: (directory) => path.push(directory),
    /** Runs a program on our own standard streams. */
    loud: async (command, args) => (await run(command, args, 'inherit')).status,
    /** Runs a program without showing its output, unless it fails. */
    quiet: async (command, args) => {
      const { status, output } = await run(command, args, ['ignore', 'pipe', 'pipe']);
      if (status !== 0) process.stderr.write(`${output}\n${command} failed (${status}).\n`);
      return status;
    },
    /** Runs a program and returns what it printed. */
    read: async (command, args) => run(command, args, ['ignore', 'pipe', 'inherit']),
  };
}
