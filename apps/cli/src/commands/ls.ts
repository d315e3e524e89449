import { checkSocketDirectory } from '@extension-events/protocol';
import { listProcesses, type ProcessEntry } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { type Look, lookInto } from '../look.ts';
import { print, say, sayError, table, toJson, usageError } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { makePrintable } from '../printable.ts';
import { processShape, shapeVersion, threadShapes } from '../shapes.ts';
import { chooseTarget, findEntry, type TargetWords } from '../target.ts';

interface LsCommand extends TargetWords {
  readonly all?: boolean;
  readonly json?: boolean;
}

const longestName = 48;

/** `extev ls`: asks the agents that are there, and only looks at the other processes. */
export async function ls({ all, json, ...words }: LsCommand): Promise<number> {
  requireLinux();
  const { patterns, target } = await chooseTarget(words);
  const [extra] = patterns;
  if (extra !== undefined || (target !== undefined && 'command' in target))
    throw usageError(
      extra === undefined ? 'ls starts no process.' : `ls takes a target, and ${extra} is none.`,
      'Give a pid, -p PID, -n NAME, or nothing.',
    );
  // A directory that cannot be trusted hides the agents in it: say so, and show the rest.
  try {
    checkSocketDirectory(process.geteuid?.() ?? 0);
  } catch (error) {
    sayError(error);
  }
  const processes =
    target === undefined
      ? (await listProcesses({ all: all === true })).filter((entry) => entry.pid !== process.pid)
      : [await findEntry(target.pid)];
  const looks = await lookInto(processes, 'extev ls');
  if (json === true) {
    const shapes = processes.map((entry) => processShape(entry, looks.get(entry.pid)));
    print(toJson({ v: shapeVersion, processes: shapes }));
  } else if (processes.length === 0) say('No Node.js process of this user runs.');
  else for (const line of formatProcesses(processes, looks, target !== undefined)) print(line);
  return exitCode.ok;
}

/**
 * A line for each process, and one for each thread of those with an agent: the helper threads that
 * are seen from outside would only hide them, unless they were asked for.
 */
export function formatProcesses(
  processes: readonly ProcessEntry[],
  looks: ReadonlyMap<number, Look>,
  isLong = false,
): string[] {
  const rows = [['PID', 'TID', 'NAME', 'RUNTIME', 'AGENT', 'CONSUMERS']];
  for (const entry of processes) {
    const { agent, name, pid, runtime } = entry;
    const look = looks.get(pid);
    const consumers = look === undefined ? '' : String(look.consumers);
    rows.push([String(pid), '', shorten(makePrintable(name)), runtime, agent, consumers]);
    if (look === undefined && !isLong) continue;
    for (const thread of threadShapes(entry, look))
      rows.push(['', String(thread.tid), `  ${shorten(makePrintable(thread.name))}`]);
  }
  return table(rows);
}

// A program may have made its whole command line its title.
function shorten(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
