import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { libraryEvents, type SourceFile } from '@extension-events/script';

/**
 * The texts of a script: those of `-e` first, then the files. The name of an event of the standard
 * library stands for a script that does no more than bring it in.
 *
 * @throws ExtensionEventError `EE_SCRIPT_FILE` when one cannot be read, or is no text
 */
export function readScript(texts: readonly string[], paths: readonly string[]): SourceFile[] {
  const given = texts.map((text, index) => ({
    name: index === 0 ? '-e' : `-e#${index + 1}`,
    text,
  }));
  return [...given, ...paths.map((path) => fromLibrary(path) ?? readFile(path))];
}

function fromLibrary(name: string): SourceFile | undefined {
  if (existsSync(name) || !libraryEvents().some(({ descriptor }) => descriptor.name === name))
    return undefined;
  return { name, text: `probe ${name} {}` };
}

// Much more than a script may have, of a file that may have no end.
const maxBytes = 4 * 1024 * 1024;

function readBounded(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < maxBytes; length += read) read = readSync(file, bytes, length, maxBytes - length, null); // prettier-ignore
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function readFile(path: string): SourceFile {
  try {
    const bytes = path === '-' ? readFileSync(0) : readBounded(path);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { name: path === '-' ? 'stdin' : path, text };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isNoText = code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw new ExtensionEventError(
      'EE_SCRIPT_FILE',
      isNoText ? `${path} is no text in UTF-8.` : `${path} cannot be read: ${message}.`,
      isNoText
        ? 'Save it as UTF-8.'
        : 'Give the path of a script, - for standard input, or its text after -e.',
      { cause },
    );
  }
}
