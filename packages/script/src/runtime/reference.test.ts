import type { AnyPayload } from '@extension-events/core';
import * as fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { check, TestThread } from '../run/testing/threads.ts';
import type { Globals } from '../program/checked.ts';
import { Account } from './account.ts';
import { coordinatorBudget, defaultBudget } from './budget.ts';
import { ScriptInstance } from './instance.ts';
import { readSource } from './source.ts';
import { State } from './state.ts';
import type { EntryUpdate } from './store.ts';
import { keyOf, Reference, type ReferenceEntry, type ReferenceProbe } from './testing/reference.ts';
import { randomPayloads, randomScript, randomTypes } from './testing/texts.ts';

const budget = { ...defaultBudget, statementsPerHit: 500, entriesPerMap: 12, stringLength: 1100 };

/** What has become of a script, for comparison. */
interface Outcome {
  readonly matched: number;
  readonly thrown: unknown;
  readonly printed: readonly string[];
  readonly hasExited: boolean;
  readonly stopped: string | undefined;
  readonly globals: unknown;
}

type Step = { readonly post: readonly [string, Readonly<Record<string, unknown>>] } | 'collect';

function runReal(text: string, steps: readonly Step[], isCodeForbidden = false): Outcome {
  const thread = new TestThread(0, randomTypes);
  const { files, program } = check(text, thread.registry);
  const { events, globals } = program;
  let stopped: string | undefined;
  if (isCodeForbidden) vi.stubGlobal('Function', Forbidden);
  const instance = new ScriptInstance(
    thread.registry,
    { run: 'r', name: 'random.ev', files, globals, events, budget },
    {
      onStopped: ({ message }) => {
        stopped = /\(([^()]*)\)\./.exec(message)?.[1];
      },
      onExit: () => undefined,
    },
    { nowNs: () => 1, wallMs: () => 0 },
  );
  vi.unstubAllGlobals();
  const thrown: unknown[] = [];
  const printed: string[] = [];
  for (const { name } of events) {
    thread.registry.tap({
      mode: 'probe',
      pattern: name,
      run: ({ name: event, payload }: { readonly name: string; readonly payload: unknown }) =>
        thrown.push({ event, payload }),
    });
  }
  thread.registry.tap({
    mode: 'probe',
    pattern: 'script.output',
    run: ({ payload }: { readonly payload: { readonly text: string } }) =>
      printed.push(payload.text),
  });
  const account = new Account({ ...coordinatorBudget, entriesPerMap: 1e6 }, () => 1);
  const merged = new State(globals, { account, isMaster: true });
  let hasExited = false;
  const collect = (): void => {
    const share = instance.collect();
    hasExited = share.hasExited;
    merged.merge([share]);
  };
  for (const step of steps) {
    if (step === 'collect') collect();
    else thread.post(step.post[0], step.post[1] as AnyPayload);
  }
  collect();
  const { failed, matched } = instance.tell();
  expect(failed).toBe(0);
  instance[Symbol.dispose]();
  return { matched, thrown, printed, hasExited, stopped, globals: describeReal(globals, merged) };
}

function runReference(text: string, steps: readonly Step[]): Outcome {
  const { registry } = new TestThread(0, randomTypes);
  const { files, program } = check(text, registry);
  const { events, globals } = program;
  const source = readSource(files, globals);
  const types = [...registry.describeTypes().map(({ descriptor }) => descriptor), ...events.map((event) => ({ ...event, kind: 'filtered' as const, description: '' }))]; // prettier-ignore
  const probes = source.points.flatMap((point): ReferenceProbe[] => {
    const type = types.find(({ name }) => name === point.pattern);
    if (type === undefined) return [];
    return [{ event: type.name, name: point.pattern, body: source.bodyOf(point, type) }];
  });
  const reference = new Reference(probes, globals, events, budget);
  for (const step of steps) {
    if (step !== 'collect') reference.post(step.post[0], step.post[1]);
  }
  const { hasExited, matched, printed, stopped, thrown } = reference;
  return { matched, thrown, printed, hasExited, stopped, globals: describeReference(globals, reference.globals) }; // prettier-ignore
}

// Sums of fractions depend on the order of adding in their last digits.
const rounded = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(9)) : x);
const clean = (value: unknown): unknown => (typeof value === 'number' ? rounded(value) + 0 : value);

function describeReal(globals: Globals, { stores }: State): unknown {
  return globals.map(({ name, value: type }, index) => ({
    name,
    entries: Object.fromEntries(
      (stores[index]?.tell() ?? []).map(({ key, stats, value }: EntryUpdate) => [
        keyOf(key),
        stats === undefined
          ? clean(type === 'number' ? Number(value) : value)
          : [stats.count, clean(stats.sum), clean(stats.min), clean(stats.max)],
      ]),
    ),
  }));
}

function describeReference(
  globals: Globals,
  maps: readonly ReadonlyMap<string, ReferenceEntry>[],
): unknown {
  return globals.map(({ name, value: type }, index) => ({
    name,
    entries: Object.fromEntries(
      [...(maps[index] ?? [])].map(([key, { value, values }]) => [
        key,
        type === 'stats'
          ? [values.length, clean(values.reduce((a, b) => a + b, 0)), clean(Math.min(...values)), clean(Math.max(...values))] // prettier-ignore
          : clean(value),
      ]),
    ),
  }));
}

function Forbidden(): never {
  throw new EvalError('Code generation from strings disallowed for this context');
}

const steps = fc.array(
  fc.oneof(
    { arbitrary: randomPayloads.map((post): Step => ({ post })), weight: 4 },
    { arbitrary: fc.constant<Step>('collect'), weight: 1 },
  ),
  { minLength: 1, maxLength: 12 },
);
const runs = Number(process.env['SCRIPT_RUNS'] ?? 50);

afterEach(() => vi.unstubAllGlobals());

it('does what the reference interpreter does, however often its shares are collected', () => {
  const seen = { stopped: 0, exited: 0, thrown: 0, printed: 0, matched: 0 };
  fc.assert(
    fc.property(randomScript, steps, (text, list) => {
      const real = runReal(text, list);
      expect(real).toEqual(runReference(text, list));
      seen.stopped += real.stopped === undefined ? 0 : 1;
      seen.exited += Number(real.hasExited);
      seen.thrown += Number((real.thrown as unknown[]).length > 0);
      seen.printed += Number(real.printed.length > 0);
      seen.matched += Number(real.matched > 0);
    }),
    { numRuns: runs },
  );
  // The generator reaches everything that can become of a script.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

it('does the same where code must not be made from strings', () => {
  fc.assert(
    fc.property(randomScript, steps, (text, list) => {
      expect(runReal(text, list, true)).toEqual(runReference(text, list));
    }),
    { numRuns: Math.ceil(runs / 2) },
  );
});
