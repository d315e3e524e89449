import type {
  ResolvedAddress,
  SourceLine,
  Symbols,
} from '@extension-events/platform-linux/symbols';
import type { Finding } from '../internal-types.ts';
import type { HotSpotPayload, HotSpotSamplePayload } from '../types.ts';
import type { AddressBook } from './address-book.ts';
import type { Hit, NativeCount, NativeEvidence, Spot } from './internal-types.ts';

/** What a payload says besides the place. */
export interface Circumstances {
  readonly windowMs: number;
  /** Put the process into the payload: the whole system is watched. */
  readonly tellsPid: boolean;
  readonly confirmed: boolean;
  readonly notes: readonly string[];
}

const maxFrames = 64;
// A symbolizer may read a gigabyte of debug information for its first answer.
const lineLimitMs = 2000;

/** Asks for the source lines of a spot, once; gives up on a symbolizer that takes too long. */
export async function lookUpLines(book: AddressBook, spot: Spot): Promise<void> {
  if (spot.lines !== undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), lineLimitMs);
  });
  const asked = book.symbolsOf(spot).lines(spot.pc);
  // What comes too late for one event serves the next.
  asked.then((lines) => book.setLines(spot, lines)).catch(() => undefined);
  const lines = await Promise.race([asked.catch((): SourceLine[] => []), late]);
  clearTimeout(timer);
  if (spot.lines === undefined && lines !== undefined) book.setLines(spot, lines);
}

/** Payload of `hot-spot` and `hot-spot.candidate`, with the lines that are known by now. */
export function writePayload(
  finding: Finding<NativeCount>,
  { spot, chain }: NativeEvidence,
  symbols: Symbols,
  { windowMs, tellsPid, confirmed, notes }: Circumstances,
): HotSpotPayload {
  const { hits, samples } = finding;
  const said = [...notesOf(spot), ...notes];
  return {
    ...placeOf(spot, tellsPid),
    hits,
    samples,
    share: samples === 0 ? 0 : hits / samples,
    windowMs,
    confirmed,
    ...(said.length === 0 ? {} : { note: said.join('; ') }),
    stack: stackOf(chain.map(({ address }) => address), symbols),
  }; // prettier-ignore
}

/** Payload of `hot-spot.sample`. */
export function writeSample(
  { spot, chain = [] }: Pick<Hit, 'spot' | 'chain'>,
  symbols: Symbols,
  tellsPid: boolean,
): HotSpotSamplePayload {
  const addresses = chain.length === 0 ? [spot.pc] : chain.map(({ address }) => address);
  return { ...placeOf(spot, tellsPid), stack: stackOf(addresses, symbols) };
}

function placeOf(spot: Spot, tellsPid: boolean): Omit<HotSpotSamplePayload, 'stack'> {
  const { resolved, name, lines = [] } = spot;
  const { symbol, module, moduleAddress } = resolved;
  const offset = symbol === undefined ? moduleAddress : resolved.offset;
  const [innermost] = lines;
  return {
    source: 'perf',
    function: name.function,
    url: innermost?.file ?? name.url ?? '',
    line: innermost?.line ?? name.line ?? 0,
    ...(symbol === undefined ? {} : { symbol }),
    ...(module === undefined ? {} : { module }),
    ...(offset === undefined ? {} : { offset: Number(offset) }),
    pc: spot.pc,
    ...(tellsPid ? { pid: spot.pid } : {}),
  };
}

function notesOf({ resolved, name, lines = [] }: Spot): string[] {
  const notes: string[] = [];
  const [innermost] = lines;
  if (resolved.symbol === undefined) notes.push(countedBy(resolved));
  else if (innermost === undefined && name.line !== undefined && name.line > 0)
    notes.push('line of the function');
  if (lines.length > 1 && innermost !== undefined) notes.push(`inlined: ${innermost.function}`);
  return notes;
}

function countedBy({ functionAddress }: ResolvedAddress): string {
  return functionAddress === undefined
    ? 'no symbol: counted by blocks of 256 bytes'
    : 'no symbol: counted by the function of the unwind table';
}

function stackOf(addresses: readonly bigint[], symbols: Symbols): string {
  return symbols.formatStack(addresses.slice(0, maxFrames));
}
