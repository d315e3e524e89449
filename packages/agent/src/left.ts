import { readFileSync } from 'node:fs';

const lookMs = 50;

/**
 * Of several programs that a command has started one is listened to; its pid is in a file. Gives its
 * signal when that is another one, or when the file is gone.
 */
export class Left implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(file: string | undefined) {
    if (file !== undefined) this.#timer = setInterval(() => this.#look(file), lookMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #look(file: string): void {
    const chosen = tryRead(file);
    if (chosen === undefined || (chosen !== '' && chosen !== String(process.pid))) this.#controller.abort(); // prettier-ignore
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
