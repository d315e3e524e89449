import { exitCode } from '../exit-codes.ts';
import { print, say, toJson } from '../output.ts';
import { findPlugins } from '../plugins.ts';

/** `extev plugins` */
export async function plugins({ json }: { json?: boolean }): Promise<number> {
  const found = findPlugins();
  if (json === true) {
    await print(
      toJson({
        v: 1,
        plugins: found.map(({ directory: _directory, inject: _inject, ...rest }) => rest),
      }),
    );
    return exitCode.ok;
  }
  if (found.length === 0) say('No producers or consumers are installed beside extev.');
  for (const plugin of found) {
    await print(`${plugin.package} ${plugin.version}  ${plugin.role}`);
    await print(`  ${plugin.description}`);
    if (plugin.events.length > 0) await print(`  posts ${plugin.events.join(', ')}`);
  }
  return exitCode.ok;
}
