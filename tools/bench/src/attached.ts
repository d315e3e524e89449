import { type Connection, openSession, type Session } from '@extension-events/session';
import { Program } from './program.ts';

/** A program of the benchmark and a connection to it, as a consumer in this process has it. */
export interface Attached extends AsyncDisposable {
  readonly program: Program;
  readonly session: Session;
  readonly connection: Connection;
}

/** Starts a program and attaches to it from outside. */
export async function attachTo(name: string, grants: readonly 'stop'[] = []): Promise<Attached> {
  const program = await Program.start(name);
  const session = await openSession({ name: 'bench' });
  const connection = await session.attach(program.pid, { grants });
  return {
    program,
    session,
    connection,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await program[Symbol.asyncDispose]();
    },
  };
}
