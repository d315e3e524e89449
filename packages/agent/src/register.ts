/** `node --import @extension-events/agent/register app.js`: starts the agent before the program. */
import { startAgent } from './start.ts';

// Not awaited: the program starts at once, and goes on if the agent cannot.
startAgent().catch(() => undefined);
