/** A frame as V8 prints it, `name (file:line:column)` or only the place, in its two parts. */
export function splitFrame(frame: string): { readonly name: string; readonly place?: string } {
  const text = frame.replace(/^\s*at /, '').trim();
  const found = /^(.*?) \((.*)\)$/.exec(text);
  if (found !== null) return { name: found[1] ?? '', place: found[2] ?? '' };
  const isPlace = /^(?:file:\/\/|node:|\/|[\w.-]+\/).*:\d+/.test(text);
  return isPlace ? { name: '(anonymous)', place: text } : { name: text };
}
