import { examine, findProcess } from './target.ts';
import { refusals } from './refusals.ts';

/**
 * Says whether a process could be attached to, as far as can be told without touching it.
 *
 * @returns one line for a person
 * @throws ExtensionEventError the refusal that an attach would meet
 */
export function checkAttach(pid: number): string {
  const { startTime, status } = findProcess(pid);
  const { exe } = examine(pid, startTime, status);
  if (!status.catchesSigusr1) throw refusals.signalDisabled(pid);
  return `can be attached to (${exe})`;
}
