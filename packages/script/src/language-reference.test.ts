import { readFileSync } from 'node:fs';
import type { EventTypeDescriptor, Fields } from '@extension-events/core';
import { describe, expect, it } from 'vitest';
import { explainScript } from './explain.ts';
import { functionNames } from './expression/functions.ts';
import { formatProgram } from './format/format.ts';
import { addLibrary, libraryEvents } from './library/index.ts';
import { checkProgram } from './program/check.ts';
import type { CheckedProgram } from './program/checked.ts';
import { scriptFunctions, statementFunctions, statistics } from './program/functions.ts';
import { scriptLimits } from './program/limits.ts';
import { parseProgram } from './program/parser.ts';
import { catalogueOf } from './program/testing/events.ts';
import { ScriptRun } from './run/script-run.ts';
import { TestSide, TestThread } from './run/testing/threads.ts';
import { settle, VirtualClock } from './run/testing/virtual-clock.ts';
import { coordinatorBudget, defaultBudget, payloadStringLength } from './runtime/budget.ts';

const page = readFileSync(new URL('../../../docs/script-language.md', import.meta.url), 'utf8');

interface Example {
  readonly mark: string;
  readonly text: string;
  /** The block behind it. */
  readonly output: string | undefined;
  readonly line: number;
}

const examples: readonly Example[] = Array.from(
  page.matchAll(/^```extev ?(\w*)\n(.*?)^```$(?:\n\n^```output\n(.*?)^```$)?/gms),
  ({ 1: mark = '', 2: text = '', 3: output, index }) => ({
    mark,
    text,
    output,
    line: page.slice(0, index).split('\n').length,
  }),
);

const optional = (type: 'string' | 'u16'): { type: typeof type; optional: true } => ({ type, optional: true }); // prettier-ignore
const types: Readonly<Record<string, Fields>> = {
  'net.send': {
    len: { type: 'u32' },
    remotePort: optional('u16'),
    remoteAddress: optional('string'),
    layer: { type: 'string' },
  },
  'http.request': {
    path: { type: 'string' },
    durationNs: { type: 'f64' },
    total: { type: 'u64' },
    ok: { type: 'bool' },
    status: optional('u16'),
  },
};
const filtered = (name: string, fields: Fields): EventTypeDescriptor => ({ name, kind: 'filtered', description: '', fields }); // prettier-ignore
const hotSpot: EventTypeDescriptor = {
  name: 'hot-spot',
  kind: 'requested',
  description: '',
  fields: { share: { type: 'f64' }, stack: { type: 'stack' } },
  request: { hits: { type: 'u32', optional: true }, by: { type: 'string', default: 'function' } },
};
const catalogue = catalogueOf([
  ...Object.entries(types).map(([name, fields]) => filtered(name, fields)),
  hotSpot,
]);

function check(text: string): { readonly problems: string; readonly checked?: CheckedProgram } {
  const files = [{ name: 'example.ev', text }];
  const problems = explainScript(files, catalogue)
    .map((line) => `${line}\n`)
    .join('');
  const { checked } = checkProgram(parseProgram(addLibrary(files)).program, catalogue);
  return { problems, ...(checked && { checked }) };
}

const events = /^```json\n(.*?)^```$/ms
  .exec(page)?.[1]
  ?.trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, string | number | boolean>);

/** What a script prints over the events of the page. */
async function run(text: string): Promise<string> {
  const { checked, problems } = check(text);
  if (checked === undefined) throw new Error(problems);
  const clock = new VirtualClock();
  const thread = new TestThread(0, types);
  const side = new TestSide([thread], clock);
  let printed = '';
  const listening = thread.registry.listen('script.output', ({ payload }) => {
    printed += String(payload['text']);
  });
  const running = new ScriptRun({
    run: 'example',
    name: 'example.ev',
    files: [{ name: 'example.ev', text }],
    program: checked,
    side,
    output: (more) => {
      printed += more;
    },
    clock,
  });
  side.onStopped = (reason) => running.stopped(reason);
  side.onExit = () => running.exited();
  await settle();
  for (const { event, ...payload } of events ?? []) {
    const isRequest = event === 'http.request';
    thread.post(String(event), { ...payload, ...(isRequest && { total: BigInt(String(payload['total'])) }) }); // prettier-ignore
    await clock.advance(1000);
  }
  running.stop();
  await clock.advance(1000);
  const { error } = await running.ended;
  listening.unlisten();
  if (error !== undefined) throw new Error(error.message);
  return printed;
}

describe('every example of the language reference', () => {
  const of = (...marks: string[]): readonly (Example & { readonly toString: () => string })[] =>
    examples.filter(({ mark }) => marks.includes(mark));

  it('is one of three kinds', () => {
    expect(new Set(examples.map(({ mark }) => mark))).toEqual(new Set(['', 'run', 'error']));
    expect(examples.length).toBeGreaterThan(20);
    for (const { mark, output } of examples) expect(output === undefined).toBe(mark === '');
    expect(events).toHaveLength(5);
  });

  it.each(of('', 'run'))('checks clean, in line $line', ({ text }) => {
    expect(check(text).problems).toBe('');
  });

  it.each(of('run'))('prints what the page says, in line $line', async ({ text, output }) => {
    expect(await run(text)).toBe(output);
  });

  it.each(of('error'))('is refused as the page says, in line $line', ({ text, output }) => {
    expect(check(text).problems).toBe(output);
  });

  it.each(of('', 'run').slice(1))(
    'keeps its meaning when formatted, in line $line',
    async ({ mark, text, output }) => {
      // prettier-ignore
      const formatted = formatProgram(text);
      expect(formatProgram(formatted)).toBe(formatted);
      expect(check(formatted).problems).toBe('');
      if (mark === 'run') expect(await run(formatted)).toBe(output);
    },
  );
});

describe('the language reference', () => {
  it('names every function and statistic', () => {
    for (const name of Object.keys({ ...scriptFunctions, ...statementFunctions })) {
      expect(page).toContain(`\`${name}(`);
    }
    for (const name of Object.keys(statistics)) expect(page).toContain(`\`@${name}(`);
    expect(functionNames.length).toBeGreaterThan(10);
  });

  it('tells the limits as they are', () => {
    const limits = page.slice(page.indexOf('## Limits'), page.indexOf('## Errors'));
    const { maxDepth, maxEvents, maxFiles, maxGlobals, maxKeys, maxLength, maxPointsOfProbe, maxProbes, maxStringLength } = scriptLimits; // prettier-ignore
    for (const text of [
      `${maxFiles} files with ${maxLength} characters`,
      `${maxProbes} probes, ${maxPointsOfProbe} points of one, ${maxEvents} events, ${maxGlobals} globals`,
      `${maxKeys} keys`,
      `${maxStringLength} characters in a literal, and ${maxDepth} levels`,
      `${defaultBudget.statementsPerHit} statements in one go of an event probe and ${coordinatorBudget.statementsPerHit} of another`,
      `${defaultBudget.memoryBytes / 2 ** 20} MiB in a thread, ${defaultBudget.entriesPerMap} entries of a map, ${defaultBudget.stringLength} characters`,
      `the first ${payloadStringLength} characters`,
    ]) {
      expect(limits).toContain(text);
    }
  });

  it('lists the standard library with its parameters', () => {
    for (const { descriptor, parameters } of libraryEvents()) {
      expect(page).toContain(`\`${descriptor.name}\``);
      for (const [name, value] of Object.entries(parameters)) {
        expect(page).toContain(`\`${name}\` = ${String(value)}`);
      }
    }
  });
});
