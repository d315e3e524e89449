import { checkBody } from '../program/body.ts';
import type { CheckedProgram, CheckedStatement } from '../program/checked.ts';
import { parseProgram } from '../program/parser.ts';
import { placeOf } from '../program/scope.ts';
import type { SourceFile } from '../program/wire.ts';
import { compileBody, type Surface } from '../runtime/compile.ts';
import type { Run } from '../runtime/machine.ts';

/** The code of begin, end and timer probes. */
export interface CoordinatorBodies {
  readonly begins: readonly Run[];
  readonly ends: readonly Run[];
  /** In the order of the program's timers. */
  readonly timers: readonly Run[];
  /** An end probe throws: its event must still be there then. */
  readonly endThrows: boolean;
}

/** Compiles them for a program that has been checked. */
export function compileBodies(
  files: readonly SourceFile[],
  { begins, ends, globals, timers }: CheckedProgram,
  surface: Surface,
): CoordinatorBodies {
  const { program } = parseProgram(files);
  const bodyOf = (probe: number) => checkBody(program, globals, { probe }, undefined);
  const compile = (index: number, name: string): Run => {
    const probe = program.probes[index];
    const place = probe === undefined ? '' : placeOf(program, probe);
    return compileBody(bodyOf(index), undefined, { name, place }, surface);
  };
  return {
    begins: begins.map((probe) => compile(probe, 'begin')),
    ends: ends.map((probe) => compile(probe, 'end')),
    timers: timers.map(({ probe, everyMs }) => compile(probe, timerName(everyMs))),
    endThrows: ends.some((probe) => bodyOf(probe).statements.some(throws)),
  };
}

function timerName(everyMs: number): string {
  return everyMs % 1000 === 0 ? `timer.s(${everyMs / 1000})` : `timer.ms(${everyMs})`;
}

function throws(statement: CheckedStatement): boolean {
  switch (statement.kind) {
    case 'throw':
      return true;
    case 'if':
      return statement.then.some(throws) || statement.otherwise.some(throws);
    case 'loop':
      return statement.body.some(throws) || statement.step.some(throws);
    case 'foreach':
      return statement.body.some(throws);
    case 'add':
    case 'aggregate':
    case 'break':
    case 'continue':
    case 'delete':
    case 'exit':
    case 'next':
    case 'print':
    case 'set-global':
    case 'set-local':
    default:
      return false;
  }
}
