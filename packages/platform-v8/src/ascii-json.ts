/**
 * JSON with escapes for all beyond ASCII, as messages to inspectors are written: to workers, Node 20
 * hands on the low byte alone of each code unit, and a command that is no JSON any more is never
 * answered.
 */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
