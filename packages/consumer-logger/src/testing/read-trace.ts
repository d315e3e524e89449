/**
 * Takes a trace to pieces as the JSON importer of Perfetto does, and throws where it, or one of its
 * versions of the last years, reports an error or misreads. The rules were read in its source,
 * google/perfetto, under `src/trace_processor`; each names the file there.
 */
export interface ReadTrace {
  /** All whole ones. */
  readonly events: readonly unknown[];
  /** The bracket is there. */
  readonly isClosed: boolean;
}

export function readTrace(text: string): ReadTrace {
  const events: unknown[] = [];
  if (!isJsonTrace(text)) return { events, isClosed: false };
  for (let at = text.indexOf('[') + 1; ;) {
    at = skipSpace(text, at);
    if (text[at] === ',') {
      at = skipSpace(text, at + 1);
      // json_trace_tokenizer.cc: a comma before the bracket was refused, and is let pass now.
      demand(text[at] !== ']' && events.length > 0, 'a comma stands between two events');
    } else demand(events.length === 0 || text[at] !== '{', 'a comma stands between two events');
    // json_trace_tokenizer.cc: an array may have no end; an object with `traceEvents` must have one.
    if (at >= text.length) return { events, isClosed: false };
    if (text[at] === ']') {
      // json_trace_tokenizer.cc: a piece of the file that comes after the bracket is an error.
      demand(at + 1 === text.length, 'nothing comes after the bracket');
      return { events, isClosed: true };
    }
    demand(text[at] === '{', 'events are objects');
    const end = endOfObject(text, at);
    if (end === undefined) return { events, isClosed: false };
    events.push(readObject(text.slice(at, end)));
    at = end;
  }
}

// util/trace_type.cc: the first 64 bytes without white space, 128 by now, tell the type of the file.
function isJsonTrace(text: string): boolean {
  return text.slice(0, 64).replaceAll(/\s/g, '').startsWith('[{"');
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++;
  return at;
}

/** After its last brace; `undefined` where that is missing. */
function endOfObject(text: string, from: number): number | undefined {
  const token = /"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)|[{}]/g;
  token.lastIndex = from;
  let depth = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '{') depth++;
    else if (found[0] === '}' && --depth === 0) return token.lastIndex;
  }
  return undefined;
}

function readObject(json: string): unknown {
  // util/json_parser.h: control characters end the reading.
  demand(!/\p{Cc}/u.test(json), 'control characters are escaped');
  // util/json_parser.h, UnescapeString: an escaped surrogate is an error, also as one of a pair. In a
  // field of the event it is one of the file; in `args` of `M`, json_trace_parser.cc never ends.
  for (const [escape] of json.matchAll(/\\(?:u.{4}|.)/g))
    demand(!/^\\ud[89a-f]/i.test(escape), 'surrogates are not escaped');
  // util/json_parser.h, StringToDouble: digits before the point, those after it and the power of ten
  // that they are divided by are each kept in 64 bits.
  const bare = json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""');
  demand(!/\d{19}/.test(bare), 'numbers have few digits');
  return JSON.parse(json);
}

function demand(isRight: boolean, what: string): void {
  if (!isRight) throw new SyntaxError(what);
}
