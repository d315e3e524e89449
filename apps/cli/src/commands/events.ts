import { compilePattern, type EventTypeDescriptor } from '@extension-events/core';
import { checkAttach, listProcesses, type ProcessEntry } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { formatTypes, type ListedType, printLong } from '../format-types.ts';
import { lookInto } from '../look.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { findPlugins, loadProducer } from '../plugins.ts';
import { shapeVersion, typeShape } from '../shapes.ts';
import { chooseTarget, type TargetWords } from '../target.ts';

interface EventsCommand extends TargetWords {
  readonly long?: boolean;
  readonly json?: boolean;
}

/** `extev events`: never injects; what is not attached shows what it could post. */
export async function events(options: EventsCommand): Promise<number> {
  const { patterns, target } = await chooseTarget(options);
  if (target !== undefined && 'command' in target)
    throw usageError(
      'events shows running processes and starts none.',
      'Use extev listen PATTERN -- command …, or extev events without a command.',
    );
  const tests = patterns.map((pattern) => compilePattern(pattern));
  const processes = await chooseProcesses(target?.pid);
  const chosen = (await collect(processes)).filter(
    ({ descriptor }) => tests.length === 0 || tests.some((matches) => matches(descriptor.name)),
  );
  if (options.json === true) {
    const shapes = chosen.map(({ descriptor, listeners }) => typeShape(descriptor, listeners));
    print(toJson({ v: shapeVersion, events: shapes }));
  } else if (chosen.length === 0) say(`No event type matches ${patterns.join(', ')}.`);
  else if (options.long === true) for (const type of chosen) printLong(type);
  else for (const line of formatTypes(chosen)) print(line);
  for (const { agent, pid } of processes)
    if (agent === 'none')
      say(
        `process ${pid} is not attached: this is what installed producers could post there; its own event types show after extev listen or debug`,
      );
  return exitCode.ok;
}

// Without a target, all that have an agent.
async function chooseProcesses(pid: number | undefined): Promise<ProcessEntry[]> {
  requireLinux();
  const all = await listProcesses();
  if (pid === undefined) return all.filter((entry) => entry.agent === 'attached');
  const one = all.find((entry) => entry.pid === pid);
  if (one !== undefined) return [one];
  checkAttach(pid); // says why it is not among them
  throw usageError(`Process ${pid} is no process of this user.`, 'extev ls shows them.');
}

async function collect(processes: readonly ProcessEntry[]): Promise<ListedType[]> {
  const merged = new Map<string, ListedType>();
  for (const descriptor of await installedTypes())
    merged.set(descriptor.name, { descriptor, listeners: 0, heard: 0, pids: [] });
  const looks = await lookInto(processes, 'extev events');
  for (const [pid, { types }] of looks) {
    for (const { descriptor, heard, listeners } of types) {
      const before = merged.get(descriptor.name);
      merged.set(descriptor.name, {
        descriptor,
        listeners: (before?.listeners ?? 0) + listeners,
        heard: (before?.heard ?? 0) + heard,
        pids: [...(before?.pids ?? []), pid],
      });
    }
  }
  return [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
}

// Importing a producer does nothing by contract; its descriptors are plain data.
async function installedTypes(): Promise<EventTypeDescriptor[]> {
  const types: EventTypeDescriptor[] = [];
  for (const plugin of findPlugins({ tell: say })) {
    try {
      types.push(...((await loadProducer(plugin))?.eventTypes ?? []));
    } catch (error) {
      say(
        `EE_PLUGIN: ${plugin.package} in ${plugin.directory} cannot be read: ${(error as Error).message}\nhint: reinstall it`,
      );
    }
  }
  return types;
}
