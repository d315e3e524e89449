export {
  openTracepoints,
  readTracefs,
  type Tracepoint,
  type Tracepoints,
  type TracepointsOptions,
  whyNoTracepoints,
} from './catalogue.ts';
export { tracefsErrorCodes } from './errors.ts';
export { exportCatalogue, type ExportedCatalogue } from './export-catalogue.ts';
export { exportFile, type KernelBuild, runningKernel } from './export.ts';
export { type RecordShape, shapeOf } from './fields.ts';
export {
  isKernelFilterable,
  type KernelConjunct,
  kernelFilter,
  type KernelOperator,
  type SplitFilter,
  splitKernelFilter,
} from './filter.ts';
export { parseFormat, type TracepointField, type TracepointFormat } from './format.ts';
export { addressText } from './address-text.ts';
export { openTracefs, type TracefsRoot, type TracefsState, tracefsState } from './mount.ts';
export { nearNames } from './near-names.ts';
