// The door `./runtime`: what runs scripts in threads, and what travels there. No checker of whole programs, no library.
export { ScriptInstance } from './instance.ts';
export type { ScriptCallbacks, ScriptCounts, ScriptSurroundings } from './instance.ts';
export type { StopReason } from './errors.ts';
export type { RemoteThrow, ScriptSpec, StateUpdate, ThreadShare } from '../program/wire.ts';
