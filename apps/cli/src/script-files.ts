import { existsSync, readFileSync } from 'node:fs';
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

function readFile(path: string): SourceFile {
  try {
    const bytes = path === '-' ? readFileSync(0) : readFileSync(path);
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
