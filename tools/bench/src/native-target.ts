import { startNativeProgram } from './native-program.ts';

// `busy COUNT`: so many threads that compute in a few nested functions, for ever.
// `faults COUNT`: so many page faults, each counted by the kernel, and then none; once told to start.
const source = `
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile uint64_t sink, seed = 88172645463325252u;
static void *volatile keep;
#define APART __attribute__((noinline, noclone))
#define LAYER(name, next, n) APART uint64_t name(uint64_t x) { keep = __builtin_frame_address(0); for (int i = 0; i < n; i++) x = next(x * 31 + i); return x + 1; }
APART uint64_t leaf(uint64_t x) { keep = __builtin_frame_address(0); for (int i = 0; i < 2000; i++) x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u; return x; }
LAYER(third, leaf, 4)
LAYER(second, third, 4)
LAYER(first, second, 4)
static void *spin(void *arg) { for (;;) sink += first(seed); return arg; }
int main(int count, char **args) {
  long n = count > 2 ? atol(args[2]) : 1;
  pthread_t thread;
  puts("ready"); fflush(stdout);
  if (strcmp(args[1], "busy") == 0) {
    for (long i = 0; i < n; i++) pthread_create(&thread, 0, spin, 0);
    for (;;) pause();
  }
  getchar();
  for (long done = 0; done < n; done += 256) {
    char *pages = mmap(0, 256 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(pages, 256 * 4096, MADV_NOHUGEPAGE);
    for (int i = 0; i < 256; i++) pages[i * 4096] = 1;
    munmap(pages, 256 * 4096);
  }
  puts("done"); fflush(stdout);
  for (;;) pause();
}
`;

/** A program of machine code whose threads are watched. */
export interface NativeTarget extends AsyncDisposable {
  readonly pid: number;
  /** Has it do what it waits for, and resolves when it is done. */
  work(): Promise<void>;
}

/** Compiles the target, which needs gcc, and starts it. */
export async function startNativeTarget(
  what: 'busy' | 'faults',
  count: number,
): Promise<NativeTarget> {
  const flags = ['-g', '-O1', '-fno-omit-frame-pointer', '-pthread'];
  const program = await startNativeProgram(source, flags, [what, String(count)]);
  return {
    pid: program.pid,
    work: async () => {
      await program.ask('');
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
