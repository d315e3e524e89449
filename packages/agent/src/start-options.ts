/** What a starter gives to the agent thread as `workerData`. */
export interface AgentStart {
  readonly socketPath: string;
  /** Owner of the socket directory: the process's effective uid. */
  readonly uid: number;
  /** Bytes of each thread's ring, a power of two. */
  readonly ringBytes?: number;
}

/** Where a process remembers its agent thread. */
export const agentKey: symbol = Symbol.for('extension-events.agent.v1');
