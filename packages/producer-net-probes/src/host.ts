// The door `./host`: loaded by a host beside the process.
export const producer: unknown = undefined;
