import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Choice, EventTypeDescriptor } from '@extension-events/core';
import type { HostProducerSource, ProducerSource } from '@extension-events/session';
import { type PackageJson, type Plugin, readManifest } from './plugin-manifest.ts';

export type { Plugin } from './plugin-manifest.ts';

/** What a producer's `./thread`, `./inject` or `./host` exports, as far as this command asks it. */
export interface ProducerModule {
  readonly id: string;
  readonly placement: 'thread' | 'agent' | 'host';
  readonly eventTypes: readonly EventTypeDescriptor[];
  readonly schemes?: readonly string[];
  catalogue?(pattern: string, pid?: number): Promise<readonly EventTypeDescriptor[]>;
  choices?(event: string, parameter: string): Promise<readonly Choice[]>;
  isSupported(): { ok: true } | { ok: false; code: string; reason: string; hint: string };
}

/** Where to look for plugins. */
export interface PluginPlaces {
  /** Where this command is installed. */
  readonly own?: string;
  /** Where the user stands: a project may have producers of its own. */
  readonly cwd?: string | undefined;
  /** Takes a line about each package that calls itself a plugin and cannot be read. */
  readonly tell?: (line: string) => void;
}

/** Finds plugins by their keywords in every node_modules that this command could import from; loads none. */
export function findPlugins(places: PluginPlaces = {}): Plugin[] {
  const { own = dirname(fileURLToPath(import.meta.url)), tell = () => undefined } = places;
  const cwd = 'cwd' in places ? places.cwd : currentDirectory();
  const found = new Map<string, Plugin>();
  const folders = [
    ...modulesAbove(own),
    ...(cwd === undefined ? [] : modulesAbove(cwd).filter((folder) => isTrusted(folder))),
  ];
  for (const folder of folders) {
    for (const plugin of pluginsIn(folder, tell)) {
      if (!found.has(plugin.package)) found.set(plugin.package, plugin);
    }
  }
  return [...found.values()].toSorted((a, b) => (a.package < b.package ? -1 : 1));
}

/**
 * Producers that can be loaded into a process; with what they post, where they are loaded on demand.
 * One that cannot be loaded is told and left out.
 */
export async function agentSources(
  tell: (line: string) => void,
  plugins: readonly Plugin[] = findPlugins(),
): Promise<ProducerSource[]> {
  const sources: ProducerSource[] = [];
  for (const plugin of plugins) {
    const { id, inject, schemes, thread } = plugin;
    const [injectUrl, threadUrl] = [urlOf(plugin, inject), urlOf(plugin, thread)];
    if (threadUrl === undefined) {
      if (injectUrl !== undefined) sources.push({ id, injectUrl });
      continue;
    }
    try {
      const doors = await Promise.all([threadUrl, injectUrl ?? []].flat().map((url) => load(url)));
      // A name that both post is described by the first.
      const eventTypes = [...new Map(doors.toReversed().flatMap((door) => door.eventTypes.map((type) => [type.name, type]))).values()]; // prettier-ignore
      sources.push({ id, eventTypes, schemes, threadUrl, ...(injectUrl === undefined ? {} : { injectUrl }) }); // prettier-ignore
    } catch (error) {
      tell(describeUnreadable(plugin, error));
    }
  }
  return sources;
}

/**
 * Producers that a host can load, with what they post: a host is started only for what it alone can
 * serve. One that cannot be loaded is told and left out.
 */
export async function hostSources(
  tell: (line: string) => void,
  plugins: readonly Plugin[] = findPlugins(),
): Promise<HostProducerSource[]> {
  const sources: HostProducerSource[] = [];
  for (const plugin of plugins) {
    const url = urlOf(plugin, plugin.host);
    if (url === undefined) continue;
    try {
      const { eventTypes, id } = await load(url);
      sources.push({ id, hostUrl: url, eventTypes, schemes: plugin.schemes });
    } catch (error) {
      tell(describeUnreadable(plugin, error));
    }
  }
  return sources;
}

/** Loads what a producer has for traced processes and for hosts into this one; it does nothing but describe itself. */
export async function loadProducers(plugin: Plugin): Promise<readonly ProducerModule[]> {
  const doors = [plugin.thread, plugin.inject, plugin.host];
  const urls = doors.flatMap((door) => urlOf(plugin, door) ?? []);
  return Promise.all(urls.map((url) => load(url)));
}

/** The line about a plugin that is installed and cannot be loaded. */
export function describeUnreadable(plugin: Plugin, error: unknown): string {
  return `EE_PLUGIN: ${plugin.package} in ${plugin.directory} cannot be read: ${(error as Error).message}\nhint: reinstall it`;
}

async function load(url: string): Promise<ProducerModule> {
  const { producer } = (await import(url)) as { producer?: ProducerModule };
  if (producer === undefined) throw new TypeError(`${url} exports no producer`);
  return producer;
}

function urlOf({ directory, role }: Plugin, door: string | undefined): string | undefined {
  if (role !== 'producer' || door === undefined) return undefined;
  return pathToFileURL(join(directory, door)).href;
}

function modulesAbove(start: string): string[] {
  const folders: string[] = [];
  for (let directory = realpathSync(start); ; directory = dirname(directory)) {
    folders.push(join(directory, 'node_modules'));
    if (directory === dirname(directory)) return folders;
  }
}

// Plugins are code that runs in here and in traced processes. What anybody may have put above the
// current directory (/tmp/node_modules) is not the user's choice.
function isTrusted(folder: string): boolean {
  try {
    const { mode, uid } = statSync(folder);
    return (uid === 0 || uid === process.geteuid?.()) && (mode & 0o002) === 0;
  } catch {
    return false; // there is none
  }
}

function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // it was removed
  }
}

function pluginsIn(folder: string, tell: (line: string) => void): Plugin[] {
  return list(folder)
    .flatMap((name) =>
      name.startsWith('@') ? list(join(folder, name)).map((inner) => join(name, inner)) : [name],
    )
    .flatMap((name) => readPlugin(join(folder, name), tell) ?? []);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function readPlugin(directory: string, tell: (line: string) => void): Plugin | undefined {
  let json: PackageJson;
  try {
    json = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageJson;
  } catch {
    return undefined; // not a package
  }
  try {
    return readManifest(json, realpathSync(directory));
  } catch (error) {
    tell(`EE_PLUGIN: ${directory} is passed over: ${(error as Error).message}`);
    return undefined;
  }
}
