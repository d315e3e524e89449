import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js';

/** What Node tells of a worker thread; not part of the devtools protocol package. */
export interface NodeWorkerInfo {
  /** Counts attachments; it is *not* Node's `threadId`. */
  readonly workerId: string;
  readonly type: string;
  readonly title: string;
  readonly url: string;
}

/** Node's own domain for the inspectors of worker threads (`src/inspector/node_protocol.pdl`). */
export interface NodeWorkerCommands {
  'NodeWorker.enable': { paramsType: [{ waitForDebuggerOnStart: boolean }]; returnType: void };
  'NodeWorker.disable': { paramsType: []; returnType: void };
  'NodeWorker.detach': { paramsType: [{ sessionId: string }]; returnType: void };
  'NodeWorker.sendMessageToWorker': {
    paramsType: [{ sessionId: string; message: string }];
    returnType: void;
  };
}

/** Notifications of Node's worker domain. */
export interface NodeWorkerEvents {
  'NodeWorker.attachedToWorker': [
    {
      readonly sessionId: string;
      readonly workerInfo: NodeWorkerInfo;
      readonly waitingForDebugger: boolean;
    },
  ];
  'NodeWorker.detachedFromWorker': [{ readonly sessionId: string }];
  'NodeWorker.receivedMessageFromWorker': [
    { readonly sessionId: string; readonly message: string },
  ];
}

/** Every command of the inspector protocol, Node's worker domain included. */
export interface CdpCommands extends ProtocolMapping.Commands, NodeWorkerCommands {}

/** Every notification of the inspector protocol, Node's worker domain included. */
export interface CdpEvents extends ProtocolMapping.Events, NodeWorkerEvents {}
