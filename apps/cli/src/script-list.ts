import type { Catalogue, CheckedProgram } from '@extension-events/script';
import { formatTypes } from './format-types.ts';
import { print, toJson } from './output.ts';
import { shapeVersion, typeShape } from './shapes.ts';

/** `extev run --list`: the event types that the points of a script match. */
export function listPoints(
  { points }: CheckedProgram,
  catalogue: Catalogue,
  isJson: boolean,
): void {
  const found = points.flatMap(({ pattern }) => catalogue.find(pattern));
  const types = [...new Map(found.map((type) => [type.name, type])).values()];
  if (isJson) print(toJson({ v: shapeVersion, events: types.map((type) => typeShape(type, 0)) }));
  else for (const line of formatTypes(types.map((descriptor) => ({ descriptor, listeners: 0, heard: 0, pids: [] })))) print(line); // prettier-ignore
}
