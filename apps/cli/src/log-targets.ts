import { usageError } from './output.ts';
import { requireLinux } from './platform.ts';
import { chooseTarget, type TargetChoice, type TargetWords } from './target.ts';

/** The words of `extev log` that name processes. */
export interface LogWords extends Omit<TargetWords, 'pid'> {
  readonly pid: readonly number[];
  readonly session?: boolean;
}

/** Some processes, or all that have an agent. */
export interface LogTargets {
  readonly targets: readonly TargetChoice[];
  readonly isSession: boolean;
  readonly patterns: readonly string[];
}

/**
 * Reads the targets: one, as everywhere; several with `-p`; or the session.
 *
 * @throws ExtensionEventError `EE_USAGE`, `EE_NAME_UNKNOWN`, `EE_PLATFORM`
 */
export async function chooseTargets(words: LogWords): Promise<LogTargets> {
  const chosen = await choose(words);
  if (chosen.patterns.length > 0) return chosen;
  throw usageError('There is no pattern to log.', "Give a name or a pattern, such as hot-spot or 'net.*'; extev events PID shows the names."); // prettier-ignore
}

async function choose({ pid: pids, session, ...words }: LogWords): Promise<LogTargets> {
  const { args, command, name } = words;
  if (session === true) {
    const [first = ''] = args;
    if (pids.length > 0 || command !== undefined || name !== undefined || /^\d+$/.test(first))
      throw usageError('--session is every process that has an agent, and a target is given too.', 'Leave one of them out.'); // prettier-ignore
    requireLinux();
    return { targets: [], isSession: true, patterns: args };
  }
  const [pid, ...others] = [...new Set(pids)];
  const { patterns, target } = await chooseTarget({ ...words, ...(pid === undefined ? {} : { pid }) }); // prettier-ignore
  if (target === undefined)
    throw usageError('A target is missing.', 'Give a pid, -p PID once or several times, -n NAME, --session, or -- command …; extev ls shows the processes.'); // prettier-ignore
  return { targets: [target, ...others.map((other) => ({ pid: other }))], isSession: false, patterns }; // prettier-ignore
}
