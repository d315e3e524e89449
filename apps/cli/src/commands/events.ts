import { type Choice, compilePattern, type EventTypeDescriptor } from '@extension-events/core';
import { libraryEvents } from '@extension-events/script';
import { listProcesses, type ProcessEntry } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { formatTypes, type ListedType, printLong } from '../format-types.ts';
import { lookInto, type Search } from '../look.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { agentSources, describeUnreadable, findPlugins, loadProducers, type ProducerModule } from '../plugins.ts'; // prettier-ignore
import { shapeVersion, typeShape } from '../shapes.ts';
import { chooseTarget, findEntry, runsNode, type TargetWords } from '../target.ts';

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
  const chosen = (await collect(processes, patterns, target?.pid)).filter(
    ({ descriptor }) => tests.length === 0 || tests.some((matches) => matches(descriptor.name)),
  );
  if (options.json === true) {
    const shapes = chosen.map(({ descriptor, listeners }) => typeShape(descriptor, listeners));
    print(toJson({ v: shapeVersion, events: shapes }));
  } else if (chosen.length === 0) say(`No event type matches ${patterns.join(', ')}.`);
  else if (options.long === true) {
    for (const type of chosen) printLong({ ...type, choices: await findChoices(type) });
  } else for (const line of formatTypes(chosen)) print(line);
  for (const { agent, isNode, pid } of processes.map((entry) => ({
    ...entry,
    isNode: runsNode(entry),
  })))
    if (agent === 'none' && isNode)
      say(
        `process ${pid} is not attached: this is what installed producers could post there; its own event types show after extev listen or debug`,
      );
  return exitCode.ok;
}

// Without a target, all that have an agent.
async function chooseProcesses(pid: number | undefined): Promise<ProcessEntry[]> {
  requireLinux();
  if (pid !== undefined) return [await findEntry(pid)];
  return (await listProcesses()).filter((entry) => entry.agent === 'attached');
}

async function collect(
  processes: readonly ProcessEntry[],
  patterns: readonly string[],
  pid: number | undefined,
): Promise<ListedType[]> {
  const isNative = processes.length > 0 && !processes.some((entry) => runsNode(entry));
  const merged = new Map<string, ListedType>();
  for (const descriptor of await installedTypes(patterns, pid, isNative))
    merged.set(descriptor.name, { descriptor, listeners: 0, heard: 0, pids: [] });
  const looks = await lookInto(processes, 'extev events', await searchFor(patterns));
  for (const [inPid, { types }] of looks) {
    for (const { descriptor, heard, listeners } of types) {
      const before = merged.get(descriptor.name);
      merged.set(descriptor.name, {
        descriptor,
        listeners: (before?.listeners ?? 0) + listeners,
        heard: (before?.heard ?? 0) + heard,
        pids: [...(before?.pids ?? []), inPid],
      });
    }
  }
  return [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
}

// Names under a scheme that live inside the threads can only be looked for there, and are when they
// are asked for: `channel:*` makes the threads of attached processes search their memory.
async function searchFor(patterns: readonly string[]): Promise<Search> {
  const plugins = findPlugins().filter(({ schemes, thread }) => thread !== undefined && schemes.length > 0); // prettier-ignore
  const isAsked = (pattern: string): boolean =>
    plugins.some(({ schemes }) => schemes.some((scheme) => pattern.startsWith(`${scheme}:`)));
  const asked = patterns.filter((pattern) => isAsked(pattern));
  return { patterns: asked, producers: await agentSources(say, asked.length === 0 ? [] : plugins) };
}

// Importing a producer does nothing by contract; its descriptors are plain data.
async function installedTypes(
  patterns: readonly string[],
  pid: number | undefined,
  isNative: boolean,
): Promise<EventTypeDescriptor[]> {
  // Of the standard library too: a script that names them brings them in.
  const types: EventTypeDescriptor[] = libraryEvents().map(({ descriptor, file }) => ({ ...descriptor, producer: `script:${file}` })); // prettier-ignore
  for (const plugin of findPlugins({ tell: say })) {
    let modules: readonly ProducerModule[] = [];
    try {
      modules = await loadProducers(plugin);
    } catch (error) {
      say(describeUnreadable(plugin, error));
    }
    for (const producer of modules) {
      // What needs an agent cannot be posted where none fits.
      if (isNative && producer.placement !== 'host') continue;
      types.push(...producer.eventTypes, ...(await askCatalogue(producer, patterns, pid)));
    }
  }
  return types;
}

async function findChoices({
  descriptor: { name, producer, request = {} },
}: ListedType): Promise<Record<string, readonly Choice[]>> {
  const choices: Record<string, readonly Choice[]> = {};
  for (const plugin of findPlugins().filter(({ id }) => id === producer)) {
    for (const module of await loadProducers(plugin).catch(() => [])) {
      for (const parameter of Object.keys(request)) {
        const found = (await module.choices?.(name, parameter)) ?? [];
        if (found.length > 0) choices[parameter] = found;
      }
    }
  }
  return choices;
}

// There are thousands of tracepoints: a catalogue is asked when a pattern names its scheme.
async function askCatalogue(
  producer: ProducerModule,
  patterns: readonly string[],
  pid: number | undefined,
): Promise<EventTypeDescriptor[]> {
  const asked = patterns.filter((pattern) =>
    (producer.schemes ?? []).some((scheme) => pattern.startsWith(`${scheme}:`)),
  );
  const found = await Promise.all(
    asked.map(async (pattern) => (await producer.catalogue?.(pattern, pid)) ?? []),
  );
  return found.flat();
}
