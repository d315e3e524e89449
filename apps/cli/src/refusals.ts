import { makePrintable } from './printable.ts';
import { say, sayError } from './output.ts';

/** An event type that is not heard, and why. */
export interface Refusal {
  readonly event: string;
  /** Told where several processes are listened to. */
  readonly pid?: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** Says which event types are not heard. Those that refuse alike, but for their names, do so together. */
export function sayRefusals(refusals: readonly Refusal[]): void {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusals) {
    const key = kindOf(refusal);
    groups.set(key, [...(groups.get(key) ?? []), refusal]);
  }
  for (const group of groups.values()) sayGroup(group);
}

function kindOf({ error, event, pid }: Refusal): string {
  return JSON.stringify([pid, error.code, error.message.replaceAll(event, '')]);
}

function sayGroup(group: readonly Refusal[]): void {
  const told = group.find(({ error }) => error.hint.startsWith('did you mean')) ?? group[0];
  if (told === undefined) return;
  const names = [...new Set(group.map(({ event }) => event))].map((name) => makePrintable(name));
  const place = told.pid === undefined ? '' : ` in process ${told.pid}`;
  say(`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not heard${place}:`);
  sayError(told.error);
}
