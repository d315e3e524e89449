/** Told, before the program's own listeners, what Node tells `process`. */
type Tell = (...args: readonly unknown[]) => void;
type Emit = (this: unknown, ...args: readonly unknown[]) => unknown;

const { defineProperty, getOwnPropertyDescriptor } = Object;
const { apply, deleteProperty, get } = Reflect;

/**
 * Hears what Node emits on `process` without being one of its listeners.
 *
 * A listener for `unhandledRejection` would decide the fate of the program: Node lets it live on. A
 * listener for other events is still one that the program can count, remove, or be warned about. So
 * `process.emit` is replaced while somebody hears, by a function that tells and then does what it
 * did before, with the same result. Afterwards the property is as it was; where the program has put
 * a function of its own over ours meanwhile, ours stays below it and only passes on.
 */
export class EmitTap {
  readonly #tells: Map<string, Set<Tell>> = new Map();
  #installed: { readonly emit: Emit; readonly before: PropertyDescriptor | undefined } | undefined;

  add(event: string, tell: Tell): Disposable {
    const tells = this.#tells.get(event) ?? new Set();
    this.#tells.set(event, tells.add(tell));
    this.#install();
    return {
      [Symbol.dispose]: () => {
        tells.delete(tell);
        if (tells.size === 0 && this.#tells.get(event) === tells) this.#tells.delete(event);
        if (this.#tells.size === 0) this.#remove();
      },
    };
  }

  #install(): void {
    const original = get(process, 'emit') as Emit;
    if (this.#installed !== undefined && original === this.#installed.emit) return;
    const before = getOwnPropertyDescriptor(process, 'emit');
    if (before?.configurable === false || typeof original !== 'function') return;
    const emit = createEmit(original, this.#tells, () => this.#installed?.emit === emit);
    defineProperty(process, 'emit', { value: emit, writable: true, enumerable: before?.enumerable ?? false, configurable: true }); // prettier-ignore
    this.#installed = { emit, before };
  }

  #remove(): void {
    const installed = this.#installed;
    this.#installed = undefined;
    if (installed === undefined) return;
    if (getOwnPropertyDescriptor(process, 'emit')?.value !== installed.emit) return;
    if (installed.before === undefined) deleteProperty(process, 'emit');
    else defineProperty(process, 'emit', installed.before);
  }
}

function createEmit(original: Emit, tells: ReadonlyMap<string, ReadonlySet<Tell>>, isCurrent: () => boolean): Emit {
  const { name, length } = original;
  // A method has neither a prototype nor a name of its own in stacks but the one it had before.
  // oxlint-disable-next-line typescript/unbound-method -- it is called with whatever this it gets
  const { emit } = {
    emit(this: unknown, ...args: readonly unknown[]): unknown {
      const told = typeof args[0] === 'string' ? tells.get(args[0]) : undefined;
      if (told !== undefined && this === process && isCurrent()) {
        for (const tell of told) {
          try {
            tell(...args.slice(1));
          } catch {
            // what is told must never hinder what goes on
          }
        }
      }
      return apply(original, this, args);
    },
  };
  defineProperty(emit, 'name', { value: name, configurable: true });
  defineProperty(emit, 'length', { value: length, configurable: true });
  return emit;
} // prettier-ignore
