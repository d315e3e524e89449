import { readlinkSync } from 'node:fs';
import { readProcFile } from './byte-source.ts';
import { ElfModule } from './elf-module.ts';
import type { ElfFile } from './elf-types.ts';
import { findMapping, parseMaps, type Mapping } from './maps.ts';
import { openMapped, readProcessFacts, readStartTime, type ProcessFacts } from './process-files.ts';

/** A file where the process has it in memory. */
export interface LoadedFile {
  readonly module: ElfModule;
  /** Address in the process minus address in the file. */
  readonly bias: number;
  readonly mappings: readonly Mapping[];
  /** First address behind everything that the file claims; .bss reaches behind its mappings. */
  readonly end: number;
}

/** Where an address lies. */
export interface Place {
  readonly mapping?: Mapping;
  readonly file?: LoadedFile;
}

export interface AddressSpaceOptions {
  readonly debugDirectories: readonly string[];
  now(): number;
  onProblem(error: unknown, about: string): void;
}

/** After a miss maps are read again, but not more often than this. */
const missIntervalMs = 50;
/** Memory that was given back may hold another file by now. */
const staleMs = 1000;
const maxMapsBytes = 64 << 20;
const pageBytes = 4096;

/** What a process has mapped, kept up to date; after its end what was known last. */
export class AddressSpace {
  readonly pid: number;
  readonly facts: ProcessFacts | undefined;
  readonly #options: AddressSpaceOptions;
  readonly #modules = new Map<string, ElfModule | null>();
  #text = '';
  #mappings: readonly Mapping[] = [];
  #files: readonly LoadedFile[] = [];
  #fileOf = new Map<Mapping, LoadedFile>();
  #readAt = Number.NEGATIVE_INFINITY;
  #isOpen = true;
  /** Counts the changes, for caches of who asks. */
  version = 0;

  constructor(pid: number, options: AddressSpaceOptions) {
    this.pid = pid;
    this.#options = options;
    this.facts = readProcessFacts(pid);
    this.refresh();
  }

  /** The program itself first, then in the order of addresses. */
  get files(): readonly LoadedFile[] {
    return this.#files;
  }

  find(address: number): Place {
    if (this.#options.now() - this.#readAt > staleMs) this.refresh();
    const place = this.#locate(address);
    if (place.mapping !== undefined) return place;
    if (this.#options.now() - this.#readAt < missIntervalMs) return place;
    this.refresh();
    return this.#locate(address);
  }

  /** Reads /proc/PID/maps again. Never throws. */
  refresh(): void {
    if (!this.#isOpen) return;
    this.#readAt = this.#options.now();
    // A pid that is used again belongs to a process that we know nothing about.
    if (this.facts === undefined || readStartTime(this.pid) !== this.facts.startTime) return;
    try {
      const text = readProcFile(`/proc/${this.pid}/maps`, maxMapsBytes);
      // Of a process that ends the maps are empty for a while.
      if (text === '' || text === this.#text) return;
      this.#text = text;
      this.#load(parseMaps(text));
    } catch (error) {
      this.#options.onProblem(error, `/proc/${this.pid}/maps`);
    }
  }

  close(): void {
    this.#isOpen = false;
    for (const module of this.#modules.values()) module?.[Symbol.dispose]();
    this.#modules.clear();
    this.#files = [];
    this.#mappings = [];
    this.version++;
  }

  #locate(address: number): Place {
    const mapping = findMapping(this.#mappings, address);
    if (mapping === undefined) return {};
    const file = this.#fileOf.get(mapping) ?? this.#zeroed(mapping, address);
    return file === undefined ? { mapping } : { mapping, file };
  }

  /** The end of .bss is anonymous memory behind the file's mappings; the heap may have joined it. */
  #zeroed(mapping: Mapping, address: number): LoadedFile | undefined {
    if (mapping.path !== '' && mapping.path !== '[heap]') return undefined;
    return this.#files.find(
      ({ mappings, end }) => address < end && address >= (mappings.at(-1)?.end ?? end),
    );
  }

  #load(mappings: readonly Mapping[]): void {
    const withCode = new Set(mappings.filter((m) => m.isExecutable).map((m) => keyOf(m)));
    const files: (LoadedFile & { readonly mappings: Mapping[] })[] = [];
    const fileOf = new Map<Mapping, LoadedFile>();
    for (const mapping of mappings) {
      const module = withCode.has(keyOf(mapping)) ? this.#moduleOf(mapping) : undefined;
      if (module === undefined) continue;
      const biases = possibleBiases(module.elf, mapping);
      const known = files.findLast((file) => file.module === module && biases.includes(file.bias));
      const [bias] = biases;
      if (known !== undefined) {
        known.mappings.push(mapping);
        fileOf.set(mapping, known);
      } else if (bias !== undefined) {
        const file = { module, bias, mappings: [mapping], end: bias + endOf(module.elf) };
        files.push(file);
        fileOf.set(mapping, file);
      }
    }
    const program = this.#programPath();
    const isProgram = ({ module }: LoadedFile) => module.path === program;
    this.#files = [...files.filter(isProgram), ...files.filter((file) => !isProgram(file))];
    this.#fileOf = fileOf;
    this.#mappings = mappings;
    this.version++;
  }

  #moduleOf(mapping: Mapping): ElfModule | undefined {
    const key = keyOf(mapping);
    const known = this.#modules.get(key);
    if (known !== undefined) return known ?? undefined;
    const module = this.#open(mapping);
    this.#modules.set(key, module);
    return module ?? undefined;
  }

  #open(mapping: Mapping): ElfModule | null {
    const file = openMapped(this.pid, mapping);
    if (file === undefined) return null;
    const roots = [`/proc/${this.pid}/root`, ''];
    try {
      return new ElfModule(mapping.path, file, roots, this.#options.debugDirectories);
    } catch (error) {
      file.source[Symbol.dispose]();
      this.#options.onProblem(error, mapping.path);
      return null;
    }
  }

  #programPath(): string | undefined {
    try {
      return readlinkSync(`/proc/${this.pid}/exe`).replace(/ \(deleted\)$/, '');
    } catch {
      return undefined;
    }
  }
}

function keyOf({ device, inode, path, isDeleted }: Mapping): string {
  return `${device} ${inode} ${isDeleted} ${path}`;
}

/**
 * Where the file's address 0 would be, likeliest first. Segments share a page of the file where one
 * ends and the next begins, so a mapping may fit two.
 */
export function possibleBiases(elf: ElfFile, mapping: Mapping): number[] {
  const fitting = elf.segments.filter(({ offset, fileSize }) => {
    const first = Math.floor(offset / pageBytes) * pageBytes;
    const end = Math.ceil((offset + fileSize) / pageBytes) * pageBytes;
    return mapping.fileOffset >= first && mapping.fileOffset < end;
  });
  const isAlike = (segment: { readonly isExecutable: boolean }) =>
    segment.isExecutable === mapping.isExecutable;
  const ordered = [...fitting.filter(isAlike), ...fitting.filter((segment) => !isAlike(segment))];
  return ordered
    .map(({ offset, address }) => mapping.start - mapping.fileOffset + offset - address)
    .filter((bias) => Number.isSafeInteger(bias));
}

function endOf({ segments }: ElfFile): number {
  let end = 0;
  for (const { address, memorySize } of segments) end = Math.max(end, address + memorySize);
  return end;
}
