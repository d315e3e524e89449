// The packages of the workspace, for tools that must run before anything is installed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every package under packages/, apps/ and tools/: its directory, relative too, and its package.json. */
export function workspacePackages(root) {
  const found = [];
  for (const group of ['packages', 'apps', 'tools']) {
    for (const entry of readdirSync(join(root, group), { withFileTypes: true })) {
      const path = `${group}/${entry.name}`;
      const manifest = join(root, path, 'package.json');
      if (entry.isDirectory() && existsSync(manifest)) {
        const json = JSON.parse(readFileSync(manifest, 'utf8'));
        found.push({ path, directory: join(root, path), manifest, json });
      }
    }
  }
  return found;
}

/** Those that are published. */
export function publishedPackages(root) {
  return workspacePackages(root).filter(({ json }) => json.private !== true);
}
