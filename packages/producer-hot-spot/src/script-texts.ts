import { readFileSync } from 'node:fs';
import { toPath } from '@extension-events/platform-v8';
import { SourceText } from './source-text.ts';

const maxTexts = 64;

/** Texts of scripts by url, read from disk when first needed; only files have one. */
export class ScriptTexts {
  readonly #texts = new Map<string, SourceText | undefined>();

  tryGet(url: string): SourceText | undefined {
    if (this.#texts.has(url)) return this.#texts.get(url);
    const text = read(url);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size >= maxTexts && oldest !== undefined) this.#texts.delete(oldest);
    this.#texts.set(url, text);
    return text;
  }
}

function read(url: string): SourceText | undefined {
  const path = toPath(url);
  if (!path.startsWith('/')) return undefined;
  try {
    return new SourceText(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
