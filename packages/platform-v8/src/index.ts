export { platformV8ErrorCodes } from './errors.ts';
export {
  conditionUrl,
  evaluateSnippet,
  evaluateWithModules,
  isOwnUrl,
  ownUrlPrefix,
} from './evaluate.ts';
export type { EvaluateOptions } from './evaluate.ts';
export type { CdpEvent, CdpMethod, CdpResult, CdpSession, V8Host, V8Thread } from './host.ts';
export { isLoadingModule } from './inside.ts';
export { captureStacks } from './interrupt-stacks.ts';
export type { InterruptFrame, InterruptStack, StackFrame } from './interrupt-stacks.ts';
export { workerSessions } from './node-workers.ts';
export type { WorkerCallbacks, WorkerSessionsOptions, WorkerThread } from './node-workers.ts';
export { oneAtATime } from './one-at-a-time.ts';
export { OwnSessions } from './own-sessions.ts';
export type { ThreadSessions } from './own-sessions.ts';
export { fromCdpPosition, toCdpPosition } from './positions.ts';
export type { CdpPosition, Position } from './positions.ts';
export { parseProfile } from './profile-window.ts';
export type { LineHits, ProfileNode, ProfileWindow } from './profile-window.ts';
export type {
  CdpCommands,
  CdpEvents,
  NodeWorkerCommands,
  NodeWorkerEvents,
  NodeWorkerInfo,
} from './protocol.ts';
export { startRollingProfile } from './rolling-profile.ts';
export type { RollingProfile, RollingProfileOptions } from './rolling-profile.ts';
export { findRuntimeMap } from './runtime-map.ts';
export { isInternalUrl, ScriptTable } from './scripts.ts';
export type { Script } from './scripts.ts';
export { SourceMaps, toPath } from './source-maps.ts';
export type {
  GeneratedPosition,
  OriginalPosition,
  ReadText,
  ScriptReference,
} from './source-maps.ts';
export { formatStackFrame, parseStackLine, parseStackText } from './stack-text.ts';
export { connectWebSocket } from './websocket-session.ts';
export type { ConnectOptions } from './websocket-session.ts';
export { connectToMainThread } from './worker-session.ts';
export type { MainSession } from './worker-session.ts';
