export * from './graph-types.ts';
