import { homedir } from 'node:os';

/** The user's home; `undefined` for a bare number, which has none (containers run as such). */
export function tryFindHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // neither HOME nor an entry of passwd(5)
  }
}
