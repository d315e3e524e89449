/**
 * The shape of a channel's messages as seen so far: which of their properties hold a text, a number
 * or a bool. They become the typed fields of the event type, `request.method` as `request_method`.
 */
import type { FieldDescriptor, FieldValue } from '@extension-events/core';
import {
  dataOf,
  inheritedDataOf,
  isError,
  isObject,
  isPlain,
  keysOf,
  lengthOfList,
} from './own-data.ts';
import { shorten } from './preview.ts';

/** Most fields that are learned of one channel; a type has 32 at most. */
export const maxLearned = 24;
/** Most of them that the first message may take: an error or a result comes later, and is worth a field. */
export const maxLearnedAtFirst = 16;
/** Longest text of a learned field; longer ones are cut. */
export const maxFieldText = 1024;
const maxDepth = 3;
const maxKeys = 64;
const maxItems = 4;
const maxNodes = 48;

/** What a field can be learned to be. A value of another type is left out. */
type LearnedType = 'string' | 'f64' | 'i64' | 'bool';

interface Node {
  readonly key: string;
  /** The name of an error lies in its prototype. */
  readonly isInherited: boolean;
  /** The field that its value becomes. */
  field: string | undefined;
  type: LearnedType | undefined;
  readonly children: Node[];
}

interface Candidate {
  readonly path: readonly string[];
  readonly isInherited: boolean;
  readonly type: LearnedType;
}

const types: Readonly<Record<string, LearnedType>> = {
  string: 'string',
  number: 'f64',
  bigint: 'i64',
  boolean: 'bool',
};
// What a predicate asks for first.
const rank: Readonly<Record<LearnedType, number>> = { string: 0, f64: 1, i64: 1, bool: 2 };

/** Learns fields from messages, and reads them from messages. */
export class Shape {
  readonly #root: Node = createNode('', false);
  readonly #fields: Map<string, FieldDescriptor> = new Map();
  readonly #taken: ReadonlySet<string>;
  /** Keys of messages that have been looked at with a value in them. */
  readonly #known: Set<string> = new Set();

  /** @param taken - names of fields that the event type has anyway */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  get fields(): Readonly<Record<string, FieldDescriptor>> {
    return Object.fromEntries(this.#fields);
  }

  /** Has the message a property at its top that no message had before? */
  isNews(message: unknown): boolean {
    if (!isObject(message)) return this.#fields.size === 0 && (typeof message) in types;
    if (this.#fields.size >= maxLearned) return false;
    const keys = keysOf(message);
    for (let i = 0; i < keys.length && i < maxKeys; i++) {
      const key = keys[i] ?? '';
      if (!this.#known.has(key) && (dataOf(message, key) ?? undefined) !== undefined) return true;
    }
    return false;
  }

  /** Takes up what is new in a message; whether a field has come of it. */
  learn(message: unknown): boolean {
    const before = this.#fields.size;
    const most = before === 0 ? maxLearnedAtFirst : maxLearned;
    for (const candidate of this.#candidatesOf(message)) {
      if (this.#fields.size >= most) break;
      this.#add(candidate);
    }
    return this.#fields.size > before;
  }

  // Nearest first; of the same depth, texts before numbers before bools.
  #candidatesOf(message: unknown): Candidate[] {
    const own = typeOf(message);
    if (own !== undefined) return [{ path: [], isInherited: false, type: own }];
    if (!isObject(message)) return [];
    const found: Candidate[] = [];
    let level: [object, readonly string[]][] = [[message, []]];
    for (let depth = 1; depth <= maxDepth && level.length > 0; depth++) {
      const next: [object, readonly string[]][] = [];
      const here: Candidate[] = [];
      for (const [object, path] of level) visit(object, path, here, next);
      if (depth === 1) this.#remember(message);
      found.push(...here.toSorted((a, b) => rank[a.type] - rank[b.type]));
      level = next.slice(0, maxNodes);
    }
    return found;
  }

  #remember(message: object): void {
    for (const key of keysOf(message).slice(0, maxKeys)) {
      if ((dataOf(message, key) ?? undefined) !== undefined) this.#known.add(key);
    }
  }

  #add({ path, isInherited, type }: Candidate): void {
    let node = this.#root;
    for (const [i, key] of path.entries()) {
      let child = node.children.find((one) => one.key === key);
      if (child === undefined) {
        child = createNode(key, isInherited && i === path.length - 1);
        node.children.push(child);
      }
      node = child;
    }
    if (node.field !== undefined) return;
    const name = this.#nameOf(path);
    if (name === undefined) return;
    node.field = name;
    node.type = type;
    const description = path.length === 0 ? 'the message' : `${path.join('.')} of the message`;
    this.#fields.set(name, { type, description, optional: true });
  }

  #nameOf(path: readonly string[]): string | undefined {
    const plain = path.length === 0 ? 'value' : path.join('_').replaceAll(/\W/g, '_');
    let name = /^\d/.test(plain) ? `_${plain}` : plain;
    while (this.#taken.has(name) || this.#fields.has(name) || name in Object.prototype) name += '_';
    return name.length > 64 ? undefined : name;
  }

  /** Puts what a message has of the learned fields into a payload. */
  read(message: unknown, payload: Record<string, FieldValue>): void {
    readNode(this.#root, message, payload);
  }
}

function createNode(key: string, isInherited: boolean): Node {
  return { key, isInherited, field: undefined, type: undefined, children: [] };
}

function typeOf(value: unknown): LearnedType | undefined {
  return isObject(value) ? undefined : types[typeof value];
}

function visit(object: object, path: readonly string[], found: Candidate[], next: [object, readonly string[]][]): void {
  const isClass = !isPlain(object);
  for (const key of visibleKeys(object, path.length)) {
    if (isClass && key.startsWith('_')) continue;
    const value = dataOf(object, key);
    const type = typeOf(value);
    if (type !== undefined) found.push({ path: [...path, key], isInherited: false, type });
    else if (isObject(value) && typeof value !== 'function') next.push([value, [...path, key]]);
  }
  if (!isError(object)) return;
  for (const key of ['name', 'message']) {
    if (typeof inheritedDataOf(object, key) === 'string') found.push({ path: [...path, key], isInherited: true, type: 'string' });
  }
} // prettier-ignore

// Of lists near the top the first few items, of others nothing: it would not mean the same next time.
function visibleKeys(object: object, depth: number): readonly string[] {
  const length = lengthOfList(object);
  if (length === undefined) return keysOf(object).slice(0, maxKeys);
  if (depth > 1) return [];
  return ['length', ...Array.from({ length: Math.min(length, maxItems) }, (_, i) => `${i}`)];
}

function readNode(node: Node, value: unknown, payload: Record<string, FieldValue>): void {
  const { field, type, children } = node;
  if (field !== undefined && type !== undefined && typeOf(value) === type) {
    const fit = fitting(value as FieldValue);
    if (fit !== undefined) payload[field] = fit;
  }
  if (children.length === 0 || !isObject(value)) return;
  for (let i = 0; i < children.length; i++) {
    const child = children[i] as Node;
    const { key, isInherited } = child;
    readNode(child, isInherited ? inheritedDataOf(value, key) : dataOf(value, key), payload);
  }
}

function fitting(value: FieldValue): FieldValue | undefined {
  if (typeof value === 'string') return shorten(value, maxFieldText);
  if (typeof value === 'bigint') return value === BigInt.asIntN(64, value) ? value : undefined;
  return value;
}
