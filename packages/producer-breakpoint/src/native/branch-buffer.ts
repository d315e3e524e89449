import { readdirSync, readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';

/** Where the kernel and the CPU say what they have; replaced in tests. */
export interface MachineFiles {
  readonly list: (directory: string) => readonly string[];
  readonly read: (path: string) => string;
}

const machine: MachineFiles = {
  list: (directory) => attempt(() => readdirSync(directory), []),
  read: (path) => attempt(() => readFileSync(path, 'utf8'), ''),
};

const devices = '/sys/bus/event_source/devices';

/** The buffers of branches that this machine shows: of `bts`, `pt` and `lbr`. */
export function findBranchBuffers({ list, read }: MachineFiles = machine): string[] {
  const present = list(devices);
  const flags = /^flags\s*:(.*)$/m.exec(read('/proc/cpuinfo'))?.[1]?.split(' ') ?? [];
  const hasLbr =
    Number(read(`${devices}/cpu/caps/branches`)) > 0 ||
    (present.includes('cpu') && (flags.includes('arch_lbr') || flags.includes('amd_lbr_v2')));
  return [
    ...(present.includes('intel_bts') ? ['bts'] : []),
    ...(present.includes('intel_pt') ? ['pt'] : []),
    ...(hasLbr ? ['lbr'] : []),
  ];
}

/** Why `branch-buffer.full` cannot be armed here. */
export function refuseBranchBuffer(
  wanted: string,
  files: MachineFiles = machine,
): ExtensionEventError {
  const found = findBranchBuffers(files);
  const has = found.filter((buffer) => wanted === 'auto' || buffer === wanted);
  if (has.length > 0) {
    return new ExtensionEventError(
      'EE_BRANCH_BUFFER_UNREAD',
      `This machine has ${has.join(' and ')}, which this release does not read.`,
      'Take perf record -e intel_pt// or -b meanwhile; hot-spot finds where the time goes.',
    );
  }
  const what = { bts: 'intel_bts', pt: 'intel_pt', lbr: 'last branch records (cpu/caps/branches)' }[wanted] ?? 'intel_bts, intel_pt or last branch records'; // prettier-ignore
  return new ExtensionEventError(
    'EE_BRANCH_BUFFER_ABSENT',
    `branch-buffer.full needs ${what}; ${devices} has ${files.list(devices).toSorted().join(', ') || 'nothing'}.`,
    'Virtual machines seldom have it. step follows single instructions; hot-spot finds where the time goes.',
  );
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
