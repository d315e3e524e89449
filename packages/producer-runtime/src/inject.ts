// The door `./inject`: loaded by the agent, beside the threads.
export const producer: unknown = undefined;
