const names = new Set(['npm', 'npx', 'npm-cli', 'npx-cli', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'tsx', 'nodemon']); // prettier-ignore

/**
 * Does this entry script only start the program that is meant, as `npm start` does? It is passed over,
 * and hands on what is preloaded.
 *
 * @param path - `process.argv[1]`
 */
export function isScriptRunner(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return names.has(name.replace(/\.[cm]?js$/, ''));
}
