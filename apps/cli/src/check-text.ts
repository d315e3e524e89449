import { compilePattern, type EventTypeDescriptor } from '@extension-events/core';
import { addLibrary, type Catalogue, checkProgram, parseProgram, type Problem } from '@extension-events/script'; // prettier-ignore
import type { TargetConnection } from '@extension-events/session';
import { catalogueFor } from './script-catalogue.ts';
import type { RunnableScript } from './script-run.ts';

/** What was found in a text: what is wrong with it, or the script that it is. */
export interface CheckedText {
  readonly problems: readonly Problem[];
  readonly script?: RunnableScript;
}

const ownPoint = /^(?:begin|end|timer\..*)$/;

/** Checks a text against everything that these processes post, and what could be loaded into them. */
export async function checkText(
  text: string,
  name: string,
  connections: readonly TargetConnection[],
): Promise<CheckedText> {
  const { problems, program } = parseProgram(addLibrary([{ name, text }]));
  if (problems.length > 0) return { problems };
  const points = program.probes.flatMap((probe) => probe.points.map(({ pattern }) => pattern));
  const own = new Set(program.events.map((event) => event.name));
  const patterns = [...new Set(points)].filter((one) => !ownPoint.test(one) && !own.has(one));
  const outcome = checkProgram(program, await jointCatalogue(patterns, connections), {});
  const { checked } = outcome;
  if (checked === undefined || outcome.problems.length > 0) return { problems: outcome.problems };
  return { problems: [], script: { name, program, checked, patterns } };
}

// What could be loaded is read from the installed packages, and does not change while somebody types.
const freshMs = 10_000;
let installed: { readonly key: string; readonly untilMs: number; readonly catalogue: Promise<Catalogue> } | undefined; // prettier-ignore

function installedCatalogue(patterns: readonly string[]): Promise<Catalogue> {
  const key = patterns.filter((pattern) => pattern.includes(':')).join('\n');
  const nowMs = performance.now();
  if (installed?.key !== key || installed.untilMs < nowMs)
    installed = { key, untilMs: nowMs + freshMs, catalogue: catalogueFor(patterns, undefined) };
  return installed.catalogue;
}

async function jointCatalogue(
  patterns: readonly string[],
  connections: readonly TargetConnection[],
): Promise<Catalogue> {
  const base = await installedCatalogue(patterns);
  const types = new Map<string, EventTypeDescriptor>();
  for (const { eventTypes } of connections)
    for (const { descriptor } of eventTypes) types.set(descriptor.name, descriptor);
  return {
    names: () => [...new Set([...base.names(), ...types.keys()])],
    find(pattern) {
      const matches = compilePattern(pattern);
      const here = [...types.values()].filter((type) => matches(type.name));
      return [...here, ...base.find(pattern).filter((type) => !types.has(type.name))];
    },
  };
}
