// The door `./thread`: evaluated in each traced thread.
export const producer: unknown = undefined;
