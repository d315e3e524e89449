/** The standard library: scripts that declare events of use to many, pulled in by the events' names. */
import type { EventTypeDescriptor } from '@extension-events/core';
import { allStatements } from '../program/walk.ts';
import type { Program } from '../program/ast.ts';
import { parseProgram } from '../program/parser.ts';
import { describeEvent } from '../program/scope.ts';
import type { SourceFile } from '../program/wire.ts';
import { cpuBurst } from './cpu-burst.ts';
import { httpSlow } from './http-slow.ts';
import { netRetransmit } from './net-retransmit.ts';
import { netTinySend } from './net-tiny-send.ts';

/** An event that a library file declares; a script that names it gets the file. */
export interface LibraryEvent {
  readonly descriptor: EventTypeDescriptor;
  /** `http.slow.ev`; its text is that of {@link libraryFiles}. */
  readonly file: string;
  /** What `--global NAME=VALUE` sets: full names, with their values when nothing is set. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
}

const table = [
  ['http.slow', httpSlow, 'A request took longer than slow_ms milliseconds.'],
  ['net.retransmit', netRetransmit, 'A segment was sent again, or a connection was given up.'],
  ['cpu.burst', cpuBurst, 'A thread has been computing for long without a pause.'],
  ['net.tiny-send', netTinySend, 'Many sends in a row were very small.'],
] as const;

/** The files of the standard library. */
export const libraryFiles: readonly (SourceFile & { readonly library: string })[] = table.map(
  ([name, text]) => ({ name: `${name}.ev`, text, library: name }),
);

/** The events of the standard library, for lists of what there is. */
export function libraryEvents(): readonly LibraryEvent[] {
  return table.flatMap(([library, text, description]) => {
    const file = `${library}.ev`;
    const { program } = parseProgram([{ name: file, text, library }]);
    const parameters = Object.fromEntries(
      program.globals.flatMap(({ name, initial }) =>
        initial === undefined ? [] : [[`${library}/${name}`, initial] as const],
      ),
    );
    return program.events.map((event) => ({
      descriptor: { ...describeEvent(event), description },
      file,
      parameters,
    }));
  });
}

/**
 * The files of a script, and behind them those of the library that declare events which the script
 * names but does not declare.
 */
export function addLibrary(files: readonly SourceFile[]): readonly SourceFile[] {
  const all = [...files];
  for (;;) {
    const { program } = parseProgram(all);
    const declared = new Set(program.events.map(({ name }) => name));
    const names = new Set([...namedEvents(program)].filter((name) => !declared.has(name)));
    const missing = libraryFiles.filter(
      (file) => names.has(file.library) && !all.some(({ library }) => library === file.library),
    );
    if (missing.length === 0) return all;
    all.push(...missing);
  }
}

/** Events that probes are on, or that are thrown. */
function namedEvents({ probes }: Program): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { points, body } of probes) {
    for (const { pattern } of points) names.add(pattern);
    for (const statement of allStatements(body)) {
      if (statement.kind === 'throw') names.add(statement.event);
    }
  }
  return names;
}
