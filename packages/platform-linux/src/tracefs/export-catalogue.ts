import { readTracefs } from './catalogue.ts';
import { exportFile, writeExport } from './export.ts';

/** What was written. */
export interface ExportedCatalogue {
  readonly file: string;
  readonly count: number;
}

/**
 * Writes numbers and formats of all tracepoints of this kernel to a file that everybody may read, so that ordinary
 * users hear `tracepoint:syscalls:*` of their own processes. To be run once as root for each kernel; it changes
 * nothing else.
 *
 * Tracepoints of modules get their numbers in the order in which modules are loaded: export again when that changes.
 *
 * @throws ExtensionEventError `EE_TRACEFS_ABSENT`, `EE_TRACEFS_PERMISSION`, `EE_TRACEFS_EXPORT`
 */
export async function exportCatalogue(file: string = exportFile()): Promise<ExportedCatalogue> {
  using tracepoints = await readTracefs();
  return { file, count: writeExport(tracepoints, file) };
}
