import { lookingCommands } from './commands-looking.ts';
import { runningCommands } from './commands-running.ts';
import { sessionCommands } from './commands-session.ts';
import { stopCommands } from './commands-stops.ts';
import { threadCommands } from './commands-threads.ts';
import { watchCommands } from './commands-watch.ts';
import type { Command } from './context.ts';

/** Every command, in the order of help and of the reference. */
export const commands: readonly Command[] = [
  ...stopCommands,
  ...watchCommands,
  ...runningCommands,
  ...lookingCommands,
  ...threadCommands,
  ...sessionCommands,
];
