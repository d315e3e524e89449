/** One event type as it is shown. */
export interface TopRow {
  readonly event: string;
  /** Since the last time it was told. */
  readonly perSecond: number;
  /** Since the command began. */
  readonly total: number;
  /** Incidents of the last minute, oldest first; each of half a second. */
  readonly minute: readonly number[];
  readonly number?: {
    readonly field: string;
    readonly unit?: string;
    readonly p50: number;
    readonly p99: number;
  };
  readonly top?: { readonly field: string; readonly value: string; readonly share: number };
  /** Nobody hears it for us: the rate is that of what others listen to. */
  readonly isOthers?: boolean;
}

/** What is shown at a time. */
export interface TopPicture {
  readonly timeMs: number;
  /** Patterns that are heard. */
  readonly heard: readonly string[];
  readonly processes: readonly { readonly pid: number; readonly name: string }[];
  readonly rows: readonly TopRow[];
  readonly lost: number;
  /** Registered, and silent so far. */
  readonly silent: number;
  /** What is not heard somewhere, and why. */
  readonly refusals: readonly { readonly pid: number; readonly pattern: string; readonly code: string; readonly message: string; readonly hint: string }[]; // prettier-ignore
}
