import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The agent is a dependency and never an import: its files are for traced processes to load. Where
// this very process is the traced one, its starter is loaded from there too.
function agentDirectory(): string {
  return join(
    dirname(createRequire(import.meta.url).resolve('@extension-events/agent/package.json')),
    'dist',
  );
}

/** Path of the built agent thread: one self-contained file. */
export function agentThreadFile(): string {
  return join(agentDirectory(), 'agent-thread.mjs');
}

/** Starts the agent in this process, or finds the one that it has. */
export async function startOwnAgent(): Promise<{ socketPath: string }> {
  const url = pathToFileURL(join(agentDirectory(), 'index.js')).href;
  const { startAgent } = (await import(url)) as {
    startAgent: () => Promise<{ socketPath: string }>;
  };
  return startAgent();
}
