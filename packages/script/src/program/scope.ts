import type { EventTypeDescriptor } from '@extension-events/core';
import type { ScriptTyped } from './checked.ts';
import type { Globals, StoredType } from './checked.ts';
import { locate } from '../expression/excerpt.ts';
import type { EventDeclaration, Item, Program } from './ast.ts';
import type { SourceFile } from './wire.ts';

/** What all bodies of a program can name. */
export interface Scope {
  readonly program: Program;
  readonly globals: Globals;
  /** Index of a global by its unique name. */
  readonly globalIndexes: ReadonlyMap<string, number>;
  /** Index of an event in the program. */
  readonly eventIndexes: ReadonlyMap<string, number>;
}

/** Makes the scope of a program. */
export function createScope(program: Program, globals: Globals): Scope {
  return {
    program,
    globals,
    globalIndexes: new Map(globals.map(({ name }, index) => [name, index])),
    eventIndexes: new Map(program.events.map(({ name }, index) => [name, index])),
  };
}

/** The unique name of a global that a file calls `name`. */
export function globalName({ library }: SourceFile, name: string): string {
  return library === undefined ? name : `${library}/${name}`;
}

/** The file that an item is in. */
export function fileOf({ files }: Program, { file }: { readonly file: number }): SourceFile {
  return files[file] ?? { name: '', text: '' };
}

/** Where an item stands: `lucky13.ev:2`. */
export function placeOf(program: Program, item: Item): string {
  const { name, text } = fileOf(program, item);
  return `${name}:${locate(text, item).line}`;
}

/** What is registered for an event that a script declares. */
export function describeEvent({ name, fields }: EventDeclaration): EventTypeDescriptor {
  const entries = fields.map(
    (field) =>
      [field.name, { type: field.type, ...(field.isOptional && { optional: true }) }] as const,
  );
  return {
    name,
    kind: 'filtered',
    description: 'Thrown by a script.',
    fields: Object.fromEntries(entries),
  };
}

/** A local of a body. */
export interface Local {
  readonly index: number;
  readonly type: StoredType;
}

/** Stored values as expressions see them: numbers are doubles. */
export function valueTypeOf(type: StoredType): ScriptTyped<'local', object>['type'] {
  return type === 'number' ? 'float' : type;
}
