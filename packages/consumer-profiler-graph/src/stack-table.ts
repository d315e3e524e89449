import { type Frame, readFrame } from './frame.ts';

/** Nodes of the tree of all stacks that are told apart. */
const maxNodes = 20_000;
const maxDepth = 256;
/** Texts whose stack is known without reading them again. */
const maxTexts = 2000;
const nodeKeys = 2 ** 24;

export const rootNode = 0;
/** What there was no room for. */
export const otherNode = 1;

const rootFrame: Frame = { key: '', name: '(all)' };
const otherFrame: Frame = { key: '(other)', name: '(other)' };

/**
 * Stacks as nodes of one tree, outermost frame first: a stack is the number of its innermost node,
 * and a node's number is larger than that of its parent. Bounded: what finds no room is `otherNode`.
 */
export class StackTable {
  readonly #frames: Frame[] = [rootFrame, otherFrame];
  readonly #frameNumbers: Map<string, number> = new Map();
  readonly #parents: number[] = [rootNode, rootNode];
  readonly #frameOf: number[] = [0, 1];
  readonly #children: Map<number, number> = new Map();
  readonly #texts: Map<string, number> = new Map();

  /** Nodes in use. */
  get size(): number {
    return this.#parents.length;
  }

  get isFull(): boolean {
    return this.size >= maxNodes;
  }

  parentOf(node: number): number {
    return this.#parents[node] ?? rootNode;
  }

  frameOf(node: number): Frame {
    return this.#frames[this.#frameOf[node] ?? 0] ?? rootFrame;
  }

  /** The node of a stack: frames, innermost first, one a line; `rootNode` when it has none. */
  intern(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const frames = text.split('\n', maxDepth).filter((line) => line.trim() !== '').map(readFrame); // prettier-ignore
    const node = this.internFrames(frames);
    if (this.#texts.size >= maxTexts) this.#texts.clear();
    this.#texts.set(text, node);
    return node;
  }

  /** @param frames - innermost first */
  internFrames(frames: readonly Frame[]): number {
    let node = rootNode;
    for (const frame of frames.toReversed()) {
      const child = this.#child(node, frame);
      if (child === undefined) return otherNode;
      node = child;
    }
    return node;
  }

  #child(parent: number, frame: Frame): number | undefined {
    const number = this.#frameNumbers.get(frame.key) ?? this.#addFrame(frame);
    const key = parent * nodeKeys + number;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    if (this.isFull) return undefined;
    const node = this.#parents.push(parent) - 1;
    this.#frameOf[node] = number;
    this.#children.set(key, node);
    return node;
  }

  #addFrame(frame: Frame): number {
    if (this.isFull) return 1; // no node will be made of it
    const number = this.#frames.push(frame) - 1;
    this.#frameNumbers.set(frame.key, number);
    return number;
  }

  /** The frames of a node, innermost first. */
  framesOf(node: number): Frame[] {
    const frames: Frame[] = [];
    for (let at = node; at !== rootNode; at = this.parentOf(at)) frames.push(this.frameOf(at));
    return frames;
  }
}
