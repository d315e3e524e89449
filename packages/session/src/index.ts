export type { ScriptNews, TargetScript } from './script-link.ts';
export { agentThreadFile } from './agent-files.ts';
export {
  attachAgent,
  checkAttach,
  type AttachOptions,
  type AttachResult,
  listProcesses,
  type ListProcessesOptions,
  type ProcessEntry,
} from './attach/index.ts';
export {
  Connection,
  type ConnectionEnd,
  type ConnectOptions,
  type HostProducerSource,
  type ProducerSource,
} from './connection.ts';
export { diagnose, type Finding } from './diagnose.ts';
export { sessionErrorCodes } from './errors.ts';
export { ExecHold } from './exec/exec-hold.ts';
export { mergeInOrder } from './in-order.ts';
export type { EventItem, LossItem, Summary } from './items.ts';
export { JoinedConnection, type JoinSettings } from './joined-connection.ts';
export type { ListenAnswer, Listening, ListenOptions } from './listening.ts';
export { localSession, type LocalSession } from './local-session.ts';
export type { RawRecord, RecordBatch, RecordType } from './record-batch.ts';
export type {
  SessionItem,
  SessionListening,
  SessionLoss,
  SessionPart,
} from './session-listening.ts';
export {
  type AttachSettings,
  openSession,
  type OpenSettings,
  type Session,
  type SessionOptions,
  type Sides,
} from './session.ts';
export type { Side, TargetConnection, TargetListening, TargetNotice } from './target-connection.ts';
// What a consumer needs of the wire contract: consumers do not import the protocol.
export type {
  Account,
  ArmFrame,
  DebugMethod,
  Grant,
  HeldBy,
  ScopeInfo,
  ScriptPosition,
  StopCause,
  StopFrame,
  StopFrameInfo,
  ThreadInfo,
  TypeInfo,
  Verdict,
  WireError,
} from '@extension-events/protocol';
