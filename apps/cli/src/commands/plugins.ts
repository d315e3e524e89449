import { exitCode } from '../exit-codes.ts';
import { print, say, toJson } from '../output.ts';
import { makePrintable } from '../printable.ts';
import { findPlugins, type Plugin } from '../plugins.ts';
import { shapeVersion } from '../shapes.ts';

/** `extev plugins`: what manifests say; loads nothing. */
export function plugins({ json }: { json?: boolean }): number {
  const found = findPlugins({ tell: say });
  if (json === true)
    print(toJson({ v: shapeVersion, plugins: found.map((plugin) => describe(plugin)) }));
  else if (found.length === 0) say('No producers or consumers are installed beside extev.');
  else for (const plugin of found) show(plugin);
  return exitCode.ok;
}

function describe({
  directory: _directory,
  host: _host,
  inject: _inject,
  ...plugin
}: Plugin): object {
  return { ...plugin, placement: plugin.placement ?? null };
}

function show(plugin: Plugin): void {
  print(`${plugin.package} ${plugin.version}  ${plugin.role}`);
  print(`  ${makePrintable(plugin.description)}`);
  if (plugin.events.length > 0) print(`  posts ${plugin.events.map(makePrintable).join(', ')}`);
}
