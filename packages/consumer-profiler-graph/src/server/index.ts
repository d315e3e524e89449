export type { ControlDoor, RunningScript, ScriptDoor } from './doors.ts';
export { watchErrorCodes } from './errors.ts';
export type { HeldThread, ScriptDiagnostic, ScriptState } from './messages.ts';
export { startWatchServer, type WatchServer, type WatchServerOptions } from './watch-server.ts';
