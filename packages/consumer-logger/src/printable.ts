// Control characters, and what reorders or breaks a line on a screen.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const steering = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/**
 * Text of a traced program, made safe to print: control characters show as pictures, so that a
 * payload or a process title cannot steer the terminal or begin a line of its own.
 */
export function makePrintable(text: string): string {
  return text.replaceAll(steering, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x24_00 + code);
    return code === 0x7f ? '\u2421' : '\uFFFD';
  });
}

/** A string in quotes that can be read back with `JSON.parse`, and as safe to print. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
