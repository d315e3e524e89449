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
  /** Its self-contained file that stands beside the threads of traced processes, relative to the directory. */
  readonly inject: string | undefined;
  /** Its self-contained file for the threads of traced processes, relative to the directory. */
  readonly thread: string | undefined;
  /** Its file for a host beside traced processes, relative to the directory. */
  readonly host: string | undefined;
  /** Schemes of the names that it provides on demand: `tracepoint`. */
  readonly schemes: readonly string[];
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
  const { events = [], host, id = name, inject, placement, schemes = [], thread } = said as Record<string, unknown>; // prettier-ignore
  if (typeof id !== 'string' || id === '') throw new TypeError('extensionEvents.id is no text');
  if (!isListOfNames(events)) throw new TypeError('extensionEvents.events is no list of names');
  if (!isListOfNames(schemes)) throw new TypeError('extensionEvents.schemes is no list of names');
  if (inject !== undefined && typeof inject !== 'string')
    throw new TypeError('extensionEvents.inject is no path');
  if (host !== undefined && typeof host !== 'string')
    throw new TypeError('extensionEvents.host is no path');
  if (thread !== undefined && typeof thread !== 'string')
    throw new TypeError('extensionEvents.thread is no path');
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
    host,
    thread,
    schemes,
  };
}

function isListOfNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
