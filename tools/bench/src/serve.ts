/** The other end of {@link Program}: what each file in `programs/` calls. */
export type Command = (argument: never) => unknown;

interface Request {
  readonly id: number;
  readonly command: string;
  readonly argument: never;
}

/** Serves commands of the process that started this one; the process ends with its parent. */
export function serve(commands: Readonly<Record<string, Command>>): void {
  const all: Readonly<Record<string, Command>> = { ping: () => 'pong', ...commands };
  process.on('message', ({ id, command, argument }: Request) => {
    void answer(id, () => all[command]?.(argument));
  });
  process.once('disconnect', () => process.exit(0));
}

async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    process.send?.({ id, value: await work() });
  } catch (error) {
    process.send?.({ id, problem: error instanceof Error ? error.stack : String(error) });
  }
}
