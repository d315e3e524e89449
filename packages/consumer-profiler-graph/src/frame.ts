import { parseStackLine } from '@extension-events/platform-v8';

/** One line of a stack, read. */
export interface Frame {
  /** Equal frames are one node of a flame graph, whichever line of the function they stand on. */
  readonly key: string;
  readonly name: string;
  /** Of a JavaScript frame with a place: where it is in what V8 runs. */
  readonly place?: { readonly url: string; readonly line: number; readonly column: number };
  /** Of a native frame. */
  readonly module?: string;
}

// `symbol+0x12 (module)`; the offset tells instructions of one function apart, which a flame graph does not.
const native = /^(.*?)(?:\+0x[\da-f]+)?(?: \(([^()]*)\))?$/;

/** Reads a line as V8 prints it, or as native stacks are written. */
export function readFrame(line: string): Frame {
  const frame = parseStackLine(line);
  if (frame === undefined) {
    const [, name = line, module] = native.exec(line.trim()) ?? [];
    const key = `${name}\n${module ?? ''}`;
    return { key, name: name || line, ...(module === undefined ? {} : { module }) };
  }
  const { column, functionName, isConstructor, url } = frame;
  const name = (isConstructor ? 'new ' : '') + (functionName || '(anonymous)');
  // Functions without a name are told apart by where they stand.
  const key = functionName === '' ? `\n${url}:${frame.line}:${column}` : `${name}\n${url}`;
  return url === '' ? { key, name } : { key, name, place: { url, line: frame.line, column } };
}
