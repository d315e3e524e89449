import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProducerSource } from '@extension-events/session';

/** What a package says of itself under `extensionEvents` in its package.json; read, never run. */
interface PluginManifest {
  readonly id: string;
  readonly placement?: 'thread' | 'agent' | 'host';
  readonly events?: readonly string[];
  readonly inject?: string;
}

/** An installed producer or consumer. */
export interface Plugin {
  readonly package: string;
  readonly version: string;
  readonly role: 'producer' | 'consumer';
  readonly description: string;
  readonly id: string;
  readonly placement: string | undefined;
  readonly events: readonly string[];
  readonly directory: string;
  readonly inject: string | undefined;
}

/** Finds plugins by their keywords in every node_modules that this command could import from. */
export function findPlugins(from: string = dirname(fileURLToPath(import.meta.url))): Plugin[] {
  const found = new Map<string, Plugin>();
  for (const start of [from, process.cwd()]) {
    for (let directory = realpathSync(start); ; directory = dirname(directory)) {
      for (const plugin of pluginsIn(join(directory, 'node_modules'))) {
        if (!found.has(plugin.package)) found.set(plugin.package, plugin);
      }
      if (directory === dirname(directory)) break;
    }
  }
  return [...found.values()].toSorted((a, b) => (a.package < b.package ? -1 : 1));
}

/** Producers that can be loaded into a process. */
export function producerSources(plugins: readonly Plugin[] = findPlugins()): ProducerSource[] {
  return plugins.flatMap(({ directory, id, inject }) =>
    inject === undefined ? [] : [{ id, injectUrl: pathToFileURL(join(directory, inject)).href }],
  );
}

function pluginsIn(modules: string): Plugin[] {
  return list(modules)
    .flatMap((name) =>
      name.startsWith('@') ? list(join(modules, name)).map((inner) => join(name, inner)) : [name],
    )
    .flatMap((name) => readPlugin(join(modules, name)) ?? []);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readPlugin(directory: string): Plugin | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      description?: string;
      keywords?: string[];
      extensionEvents?: PluginManifest;
    };
    const role = (['producer', 'consumer'] as const).find(
      (word) => manifest.keywords?.includes(`extension-events-${word}`) === true,
    );
    if (role === undefined) return undefined;
    const { events = [], id = manifest.name, inject, placement } = manifest.extensionEvents ?? {};
    return { package: manifest.name, version: manifest.version, role, description: manifest.description ?? '', id, placement, events, inject, directory: realpathSync(directory) } as Plugin; // prettier-ignore
  } catch {
    return undefined; // not a package
  }
}
