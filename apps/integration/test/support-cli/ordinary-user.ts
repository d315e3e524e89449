import { readFileSync } from 'node:fs';
import type { SpawnOptions } from 'node:child_process';
import type { TestContext } from 'vitest';
import { Child } from './child.ts';
import { main } from './extev.ts';
import { isRoot } from './native.ts';

/** Nobody in particular: a number without name, groups or privileges. */
const uid = 1001;

const options: SpawnOptions = {
  uid,
  gid: uid,
  cwd: '/',
  env: { PATH: process.env['PATH'] },
};

/** Skips where no other user can be become, or where one may do nothing. */
export async function needOrdinaryUser(context: TestContext): Promise<void> {
  if (!isRoot) context.skip('needs root: it becomes an ordinary user');
  const paranoid = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
  if (paranoid > 2) context.skip(`needs perf_event_paranoid: it is ${paranoid}, which leaves users nothing`); // prettier-ignore
  refusal ??= await whyNot();
  if (refusal !== '') context.skip(`needs readable-repository: ${refusal}`);
}

let refusal: string | undefined;

async function whyNot(): Promise<string> {
  await using trial = startAsUser(process.execPath, [main, '--version']);
  const { code, stderr } = await trial.outcome;
  return code === 0 ? '' : stderr.slice(0, 200);
}

/** Starts a program as an ordinary user. */
export function startAsUser(file: string, args: readonly string[] = []): Child {
  return new Child(file, args, options);
}

/** Starts `extev` as an ordinary user. */
export function extevAsUser(...args: string[]): Child {
  return startAsUser(process.execPath, [main, ...args]);
}
