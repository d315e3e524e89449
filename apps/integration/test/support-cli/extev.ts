import type { SpawnOptions } from 'node:child_process';
import { join } from 'node:path';
import { Child, type Outcome, root } from './child.ts';

/** The built command. */
export const main: string = join(root, 'apps/cli/dist/main.js');

/** Starts `extev` with these arguments. */
export function startExtev(args: readonly string[], options: SpawnOptions = {}): Child {
  return new Child(process.execPath, [main, ...args], options);
}

/** Runs `extev` to its end. */
export async function extev(...args: string[]): Promise<Outcome> {
  return startExtev(args, { stdio: ['ignore', 'pipe', 'pipe'] }).outcome;
}

/** The NDJSON lines of an output. */
export function readLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
