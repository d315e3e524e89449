import { fileURLToPath } from 'node:url';

const sourceCondition = '--conditions=@extension-events/source';

/** Arguments of a Node.js that runs a file of this package, from the sources where the asking file does. */
export function ownEntry(name: string, askingUrl: string): string[] {
  const isSource = askingUrl.endsWith('.ts');
  const file = fileURLToPath(new URL(`${name}.${isSource ? 'ts' : 'js'}`, askingUrl));
  const conditions = process.execArgv.filter((word) => word.startsWith('--conditions='));
  if (isSource && !conditions.includes(sourceCondition)) conditions.push(sourceCondition);
  return [...(isSource ? conditions : []), file];
}

/** The observer's own environment without options for its Node.js: an inspector, a preloaded agent. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  return rest;
}
