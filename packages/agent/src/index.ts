export { agentErrorCodes } from './errors.ts';
export { agentThreadFile, startAgent } from './start.ts';
