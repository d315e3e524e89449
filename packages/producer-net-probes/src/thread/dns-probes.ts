/** dns.lookup: answers of the resolver, before the program hears of them. */
import { getSystemErrorName } from 'node:util';
import { monotonicNs } from '@extension-events/core';
import type { DnsLookupPayload } from '../types.ts';
import { type OnComplete, type RequestWrap, tryGetBinding } from './node-internals.ts';
import { apply, isArray } from './primordials.ts';
import type { Probes } from './probes.ts';
import { watchRequests } from './request-wraps.ts';

/** Watches look-ups by the system (`dns.lookup`) and queries by c-ares (`dns.resolve…`), with callbacks and promises. */
export function instrumentLookups({ types, patches }: Probes): void {
  const { lookup } = types;
  const cares = tryGetBinding('cares_wrap');
  if (cares === undefined) return;
  const watch = (prototype: object, describe: Describe): void => {
    const wrap = (_request: RequestWrap, complete: OnComplete): OnComplete => {
      const startNs = monotonicNs();
      return function oncomplete(this: RequestWrap, ...args: unknown[]): unknown {
        if (patches.isLive && lookup.hasListeners) {
          try {
            const durationNs = monotonicNs() - startNs;
            lookup.post({ ...describe(this, args), ...describeFailure(args[0]), durationNs });
          } catch {
            // The program goes first.
          }
        }
        return apply(complete, this, args);
      };
    };
    watchRequests(patches, prototype, () => lookup.hasListeners, wrap);
  };
  watch(cares.GetAddrInfoReqWrap.prototype, describeLookup);
  watch(cares.GetNameInfoReqWrap.prototype, describeService);
  watch(cares.QueryReqWrap.prototype, describeQuery);
}

type Described = Omit<DnsLookupPayload, 'code' | 'durationNs'>;
type Describe = (request: RequestWrap, args: readonly unknown[]) => Described;

const describeLookup: Describe = ({ hostname = '' }, [, addresses]) => ({
  hostname,
  query: 'lookup',
  ...describeAnswers(addresses),
});

// The other way round: from an address and a port to a name and a service.
const describeService: Describe = ({ hostname = '' }, [, name]) => ({
  hostname,
  query: 'service',
  ...(typeof name === 'string' && { addresses: name, answerCount: 1 }),
});

const describeQuery: Describe = ({ hostname = '', bindingName = '' }, [, answers]) => ({
  hostname,
  query: queryOf(bindingName),
  ...describeAnswers(answers),
});

/** `queryAaaa` → `AAAA`. */
function queryOf(bindingName: string): string {
  return bindingName === 'getHostByAddr' ? 'PTR' : bindingName.replace(/^query/, '').toUpperCase();
}

function describeAnswers(answers: unknown): Partial<Described> {
  if (!isArray(answers)) return {};
  const isText = answers.length > 0 && answers.every((each) => typeof each === 'string');
  return { answerCount: answers.length, ...(isText && { addresses: answers.join(' ') }) };
}

// Node says ENOTFOUND for both; see lib/internal/errors.js, DNSException.
const notFound = new Set(['EAI_NODATA', 'EAI_NONAME']);

function describeFailure(error: unknown): { code?: string } {
  if (error === null || error === undefined || error === 0) return {};
  if (typeof error !== 'number') return typeof error === 'string' ? { code: error } : {};
  const code = getSystemErrorName(error);
  return { code: notFound.has(code) ? 'ENOTFOUND' : code };
}
