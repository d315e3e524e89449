/** The parts of a package.json that are read. */
export interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly description?: unknown;
  readonly keywords?: unknown;
  /** What a plugin says of itself; read, never run. */
  readonly extensionEvents?: unknown;
}

/** An installed producer or consumer. */
export interface Plugin {
  readonly package: string;
  readonly version: string;
  readonly role: 'producer' | 'consumer';
  readonly description: string;
  readonly id: string;
  readonly placement: 'thread' | 'agent' | 'host' | undefined;
  /** Names of the event types that it could post. */
  readonly events: readonly string[];
  readonly directory: string;
  /** Its self-contained file for traced processes, relative to the directory. */
  readonly inject: string | undefined;
}

const roles = ['producer', 'consumer'] as const;
const placements = ['thread', 'agent', 'host'] as const;

/**
 * Reads the manifest of a package: its role from the keywords, the rest from `extensionEvents`.
 *
 * @returns `undefined` for a package that is no plugin
 * @throws TypeError when it says that it is one, and then makes no sense
 */
export function readManifest(json: PackageJson, directory: string): Plugin | undefined {
  const { description, extensionEvents: said = {}, keywords, name, version } = json;
  const words = Array.isArray(keywords) ? keywords : [];
  const role = roles.find((word) => words.includes(`extension-events-${word}`));
  if (role === undefined || typeof name !== 'string') return undefined;
  if (typeof said !== 'object' || said === null)
    throw new TypeError('extensionEvents in its package.json is no object');
  const { events = [], id = name, inject, placement } = said as Record<string, unknown>;
  if (typeof id !== 'string' || id === '') throw new TypeError('extensionEvents.id is no text');
  if (!Array.isArray(events) || !events.every((event) => typeof event === 'string'))
    throw new TypeError('extensionEvents.events is no list of names');
  if (inject !== undefined && typeof inject !== 'string')
    throw new TypeError('extensionEvents.inject is no path');
  const where = placements.find((word) => word === placement);
  if (placement !== undefined && where === undefined)
    throw new TypeError(`extensionEvents.placement is none of ${placements.join(', ')}`);
  return {
    package: name,
    version: typeof version === 'string' ? version : '',
    role,
    description: typeof description === 'string' ? description : '',
    id,
    placement: where,
    events,
    directory,
    inject,
  };
}
