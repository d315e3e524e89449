/** Waits for Ctrl-C or a termination signal; while it waits, neither ends the process. */
export function onInterrupt(): Disposable & { readonly pressed: Promise<'interrupted'> } {
  let handler: () => void = () => undefined;
  const pressed = new Promise<'interrupted'>((resolve) => {
    handler = () => resolve('interrupted');
  });
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    pressed,
    [Symbol.dispose]: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}
