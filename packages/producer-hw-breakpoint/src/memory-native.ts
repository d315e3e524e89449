/** What named memory needs of koffi, loaded when the first memory is named. */
import { ExtensionEventError } from '@extension-events/core';

export interface MemoryNative {
  addressOf(bytes: Uint8Array): bigint;
  /** memfd_create(2). */
  createMemfd(name: string, flags: number): number;
}

interface Koffi {
  address(bytes: Uint8Array): bigint;
  errno(): number;
  load(path: string | null): { func(declaration: string): (...args: unknown[]) => unknown };
}

let loading: Promise<MemoryNative> | undefined;

/** @throws ExtensionEventError `EE_NAMED_MEMORY_KOFFI` */
export async function loadNative(): Promise<MemoryNative> {
  loading ??= load();
  try {
    return await loading;
  } catch (error) {
    loading = undefined; // it may be installed by the next time
    throw error;
  }
}

async function load(): Promise<MemoryNative> {
  try {
    if (process.platform !== 'linux') throw new Error(`this is ${process.platform}, not Linux`);
    // Not a literal: koffi is an optional peer, and tools must not look for its types.
    const name: string = 'koffi';
    const { default: koffi } = (await import(name)) as { default: Koffi };
    const memfd = koffi.load(null).func('int memfd_create(const char *name, uint flags)');
    return {
      addressOf: (bytes) => koffi.address(bytes),
      createMemfd: (title, flags) => {
        const fd = Number(memfd(title, flags));
        if (fd < 0) throw new Error(`memfd_create failed with errno ${koffi.errno()}`);
        return fd;
      },
    };
  } catch (error) {
    throw new ExtensionEventError(
      'EE_NAMED_MEMORY_KOFFI',
      `Addresses of memory cannot be had: ${(error as Error).message}`,
      'Install koffi 3 beside @extension-events/producer-hw-breakpoint; it works on Linux.',
      { cause: error },
    );
  }
}
