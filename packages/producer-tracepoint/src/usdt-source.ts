import { closeSync, openSync, readSync } from 'node:fs';
import type { FieldDescriptor, FieldValue } from '@extension-events/core';
import type { LinuxHost, PerfArming, PerfSample } from '@extension-events/platform-linux';
import {
  evaluateUsdtArgument,
  parseUsdtArguments,
  type UsdtArgument,
  type UsdtPlace,
} from '@extension-events/platform-linux/symbols';
import { openProbe } from './open-probe.ts';
import type { ProbeArming } from './types.ts';
import { registerPosition } from './uprobe-source.ts';

/** A place of a USDT probe, ready to be armed. */
export interface UsdtSite {
  readonly place: UsdtPlace;
  readonly arguments: readonly UsdtArgument[];
  /** Addresses in the process of the variables that arguments name. */
  readonly variables: ReadonlyMap<string, bigint>;
}

// Arguments on the stack are near its pointer: spilled registers and locals of one frame.
const stackBytes = 1024;

/** Looks up what the arguments of a place name. */
export async function prepareSite(
  host: LinuxHost,
  path: string,
  place: UsdtPlace,
): Promise<UsdtSite> {
  const parsed = parseUsdtArguments(place.argumentText);
  const names = new Set(parsed.flatMap(({ operand }) => (operand.kind === 'memory' ? (operand.symbol ?? []) : []))); // prettier-ignore
  const variables = new Map<string, bigint>();
  for (const name of names) {
    try {
      variables.set(name, (await host.symbols.find(`${path}:${name}`)).address);
    } catch {
      // a variable that the file does not name any more: its argument stays out of the event
    }
  }
  return { place, arguments: parsed, variables };
}

/** Opens a probe at a place, raising its semaphore while it is open. */
export function openUsdt(
  host: LinuxHost,
  arming: ProbeArming,
  path: string,
  site: UsdtSite,
  fields: Readonly<Record<string, FieldDescriptor>>,
): PerfArming {
  const { place, arguments: list } = site;
  const needsStack = list.some(({ operand }) => operand.kind === 'memory');
  return openProbe(host, arming, {
    event: {
      type: 'uprobe',
      path,
      offset: place.fileOffset,
      isReturn: false,
      ...(place.semaphoreOffset !== undefined && { semaphoreOffset: place.semaphoreOffset }),
    },
    userRegisters: true,
    ...(needsStack && { userStackBytes: stackBytes }),
    read: (sample) => readArguments(host, sample, site, fields),
  });
}

function readArguments(
  host: LinuxHost,
  sample: PerfSample,
  site: UsdtSite,
  fields: Readonly<Record<string, FieldDescriptor>>,
): Record<string, FieldValue> {
  const registers = sample.userRegisters();
  const context = {
    register: (name: string): bigint | undefined =>
      registers[process.arch === 'arm64' ? armPosition(name) : registerPosition(name)],
    stack: sample.userStack(),
    symbolAddress: (name: string): bigint | undefined => site.variables.get(name),
    readMemory: (address: bigint, length: number): Uint8Array | undefined =>
      tryReadMemory(host.pid, address, length),
  };
  const payload: Record<string, FieldValue> = {};
  for (const [i, argument] of site.arguments.entries()) {
    const type = fields[`arg${i}`]?.type;
    const value = type === undefined ? undefined : evaluateUsdtArgument(argument, context);
    if (value === undefined) continue;
    payload[`arg${i}`] = toField(value, type === 'i64' || type === 'u64' ? type : 'number');
  }
  return payload;
}

function toField(value: bigint | number, kind: 'i64' | 'u64' | 'number'): FieldValue {
  if (kind === 'number') return Number(value);
  const whole = BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  return kind === 'i64' ? BigInt.asIntN(64, whole) : BigInt.asUintN(64, whole);
}

// x0 … x30, sp, pc
function armPosition(name: string): number {
  return name === 'sp' ? 31 : Number(name.slice(1));
}

// After the fact: a variable that changes all the time may have another value by now.
function tryReadMemory(pid: number, address: bigint, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/mem`, 'r');
    return readSync(fd, bytes, 0, length, address) === length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
