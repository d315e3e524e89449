import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { compilePattern, type EventTypeDescriptor } from '@extension-events/core';
import { listProcesses, openSession, type ProcessEntry } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { print, say, table, toJson, usageError } from '../output.ts';
import { findPlugins, type Plugin } from '../plugins.ts';
import { chooseTarget, type TargetWords } from '../target.ts';

interface EventsCommand extends TargetWords {
  readonly long?: boolean;
  readonly json?: boolean;
}

/** One event type as it is listed: registered somewhere, or only installed. */
interface Listed {
  readonly descriptor: EventTypeDescriptor;
  readonly listeners: number;
  readonly heard: number;
  readonly pids: readonly number[];
}

/** `extev events`: never injects; what is not attached shows what it could post. */
export async function events(options: EventsCommand): Promise<number> {
  const { patterns, target } = await chooseTarget(options);
  if (target !== undefined && 'command' in target)
    throw usageError(
      'events lists running processes; it starts none.',
      'Use extev listen PATTERN -- command ….',
    );
  if (patterns.length > 1)
    throw usageError('events takes one pattern.', "Use * and **, as in 'net.*'.");
  const [pattern = '**'] = patterns;
  const processes = await chooseProcesses(target?.pid);
  const listed = await collect(processes);
  const matches = compilePattern(pattern === '**' ? '**' : pattern);
  const chosen = listed.filter(({ descriptor }) => pattern === '**' || matches(descriptor.name));
  if (options.json === true) {
    await print(toJson({ v: 1, events: chosen.map((type) => toJsonShape(type)) }));
    return exitCode.ok;
  }
  if (chosen.length === 0) say(`No event type matches ${pattern}.`);
  else if (options.long === true) for (const type of chosen) await printLong(type);
  else for (const line of table([['NAME', 'KIND', 'PRODUCER', 'LISTENERS', 'PIDS'], ...chosen.map((type) => [type.descriptor.name, type.descriptor.kind, type.descriptor.producer ?? '', String(type.listeners), type.pids.length === 0 ? 'installed' : type.pids.join(',')])])) await print(line); // prettier-ignore
  if (processes.some((entry) => entry.agent === 'none'))
    say(
      'A process that is not attached shows what installed producers could post; extev listen attaches.',
    );
  return exitCode.ok;
}

async function chooseProcesses(pid: number | undefined): Promise<ProcessEntry[]> {
  const all = await listProcesses();
  if (pid === undefined) return all.filter((entry) => entry.agent === 'attached');
  const one = all.find((entry) => entry.pid === pid);
  if (one === undefined)
    throw usageError(
      `Process ${pid} is no process of this user that could be attached.`,
      'extev ls shows those that could.',
    );
  return [one];
}

async function collect(processes: readonly ProcessEntry[]): Promise<Listed[]> {
  const merged = new Map<string, Listed>();
  for (const descriptor of await installedTypes(findPlugins()))
    merged.set(descriptor.name, { descriptor, listeners: 0, heard: 0, pids: [] });
  const session = await openSession({ name: 'extev events' });
  try {
    for (const entry of processes) {
      if (entry.socketPath === undefined) continue;
      const connection = await session.connect(entry.pid, entry.socketPath);
      for (const { descriptor, heard, listeners } of connection.eventTypes) {
        const before = merged.get(descriptor.name);
        merged.set(descriptor.name, { descriptor, listeners: (before?.listeners ?? 0) + listeners, heard: (before?.heard ?? 0) + heard, pids: [...(before?.pids ?? []), entry.pid] }); // prettier-ignore
      }
    }
  } finally {
    await session.close();
  }
  return [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1));
}

// Importing a producer does nothing by contract; its descriptors are plain data.
async function installedTypes(plugins: readonly Plugin[]): Promise<EventTypeDescriptor[]> {
  const types: EventTypeDescriptor[] = [];
  for (const { directory, inject, role } of plugins) {
    if (role !== 'producer' || inject === undefined) continue;
    try {
      const { producer } = (await import(pathToFileURL(join(directory, inject)).href)) as { producer?: { eventTypes: readonly EventTypeDescriptor[] } }; // prettier-ignore
      types.push(...(producer?.eventTypes ?? []));
    } catch {
      say(`the producer in ${directory} cannot be read; reinstall it`);
    }
  }
  return types;
}

function toJsonShape({ descriptor, listeners }: Listed): object {
  const { description, fields, kind, name, producer } = descriptor;
  return { name, kind, producer: producer ?? null, description, fields: Object.entries(fields).map(([field, { type, unit }]) => ({ name: field, type, unit: unit ?? null })), listeners }; // prettier-ignore
}

async function printLong({ descriptor, heard, listeners, pids }: Listed): Promise<void> {
  const { description, fields, kind, name, producer, request } = descriptor;
  await print(`${name}  ${kind}${producer === undefined ? '' : `, of ${producer}`}${pids.length === 0 ? ', installed' : `, in ${pids.join(', ')}`}; ${listeners} listeners, heard ${heard}`); // prettier-ignore
  await print(`  ${description}`);
  const rows = Object.entries(fields).map(([field, { description: text = '', optional, type, unit = '' }]) => [`  ${field}${optional === true ? '?' : ''}`, type, unit, text]); // prettier-ignore
  for (const line of table(rows)) await print(line);
  if (request === undefined || Object.keys(request).length === 0) return;
  await print('  parameters (k=v):');
  const parameters = Object.entries(request).map(([key, { default: value, description: text = '', type, unit = '' }]) => [`    ${key}`, type, unit, value === undefined ? '' : `default ${String(value)}`, text]); // prettier-ignore
  for (const line of table(parameters)) await print(line);
}
