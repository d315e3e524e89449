import assert from 'node:assert/strict';
import { layOutFields } from './layout.ts';
import { checkEventName } from './names.ts';
import { checkParameters } from './request.ts';
import type { EventTypeDescriptor, FieldDescriptor } from './types.ts';

const numbers = new Set(['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'f32', 'f64']);
// What is counted or measured; identifiers, positions and codes have no unit.
const quantity = /(Ms|Us|Ns|Hz|Bytes|Count|Share|Ratio|Rate)$|^(len|wireLen|hits|samples|share|count|period|offset|ratio|rate)$/; // prettier-ignore

/** Asserts that a reader can make sense of an event type without its source code. */
export function checkDescriptor(type: EventTypeDescriptor, producer: string): void {
  const { name, fields, request = {} } = type;
  checkEventName(name);
  layOutFields(name, fields);
  checkParameters(type);
  assert.ok(type.kind === 'filtered' || type.kind === 'requested', `${name}: kind ${type.kind}`);
  assert.ok(type.kind === 'requested' || type.request === undefined, `${name} is filtered and takes a request`); // prettier-ignore
  assert.ok(type.description.trim() !== '', `${name} has no description`);
  assert.equal(type.producer, producer, `${name} does not name its producer`);
  for (const [field, descriptor] of Object.entries({ ...fields, ...request })) {
    checkField(`${name}.${field}`, field, descriptor);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(type)), type, `${name} is not plain data`);
}

function checkField(
  where: string,
  field: string,
  { type, unit, description }: FieldDescriptor,
): void {
  assert.ok(description !== undefined && description.trim() !== '', `${where} has no description`);
  if (numbers.has(type) && quantity.test(field)) assert.ok(unit, `${where} has no unit`);
}
