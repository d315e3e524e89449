import { ExtensionEventError } from '@extension-events/core';
import { hex, type Place } from './place.ts';

/** What perf refused, said about breakpoints; what is not about them, unchanged. */
export function explainRefusal(
  error: unknown,
  own: readonly Place[],
  tid: number | undefined,
): unknown {
  if ((error as { code?: unknown }).code !== 'EE_PERF_NO_SLOT') return error;
  const where = tid === undefined ? 'a thread of the process' : `thread ${tid}`;
  const ours =
    own.length === 0
      ? 'None of them is held by this host'
      : `This host watches ${own.map(({ address }) => hex(address)).join(', ')}`;
  return new ExtensionEventError(
    'EE_HW_BREAKPOINT_NO_SLOT',
    `All debug registers of ${where} are taken. x86-64 has 4 for each thread, and each listen with parameters of its own, and each catch, takes one. ${ours}.`,
    'Unlisten one of these, or watch fewer threads. Others that may hold them: gdb, which keeps a register that it used until it detaches, perf, and hosts of other users.',
    { cause: error },
  );
}
