/** For tests: records without bytes, and events at chosen times. */
import type { FieldValue } from '@extension-events/core';
import type { RawRecord, RecordType } from '@extension-events/session';

export interface FakeEvent {
  readonly name?: string;
  readonly tid?: number;
  readonly timestampNs?: number;
  readonly fields?: Readonly<Record<string, FieldValue>>;
  readonly stack?: string;
}

/** A record whose type reads its fields from an object. */
export function fakeRecord({
  fields = {},
  name = 'try.event',
  stack,
  tid = 1,
  timestampNs = 0,
}: FakeEvent): RawRecord {
  // prettier-ignore
  const type: Pick<RecordType, 'name' | 'descriptor' | 'field' | 'stack' | 'capturedStack'> = {
    name,
    descriptor: { name, kind: 'filtered', description: '', fields: {} },
    field: (field) => () => fields[field],
    stack: () => stack,
    capturedStack: () => stack,
  };
  return {
    type: type as RecordType,
    view: new DataView(new ArrayBuffer(0)),
    at: 0,
    tid,
    timestampNs,
  };
}
