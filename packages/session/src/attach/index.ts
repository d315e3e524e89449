export { attachAgent, type AttachOptions, type AttachResult } from './attach.ts';
export { acceptsConnections, type AgentSocket, listAgentSockets } from './agent-socket.ts';
export { agentKey, type AgentWorkerData } from './bootstrap.ts';
export { type AttachErrorCode, attachErrorCodes } from './errors.ts';
export { listProcesses, type ListProcessesOptions, type ProcessEntry } from './list-processes.ts';
export { type AttachStep } from './progress.ts';
export { checkAttach } from './check-attach.ts';
export { waitForAgent } from './wait-for-agent.ts';
