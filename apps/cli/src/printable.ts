/**
 * Text of a traced program, made safe to print: control characters show as pictures, so that a
 * payload or a process title cannot steer the terminal or begin a line of its own.
 */
export function makePrintable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x24_00 + code);
    return code === 0x7f ? '\u2421' : '\uFFFD';
  });
}
