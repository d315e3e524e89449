import type { Format, FormatSettings } from './format.ts';
import { countEvents } from './count-events.ts';
import { makePrintable } from './printable.ts';
import { formatFields, formatStack } from './text-fields.ts';
import { wallClock } from './clock.ts';

/** A column is widened up to here; what is longer pushes its line only. */
const widest = 32;

/**
 * `2026-07-30 12:34:56.789012  4242 main      net.send  len=13 By peer="p13"`: columns are as wide as
 * what they held so far. Lines that tell about the log itself begin with `#`.
 */
export function textFormat({ isTerminal, names, paint }: FormatSettings): Format {
  const columns = [new Column(), new Column(), new Column()] as const;
  const [processes, threads, events] = columns;
  let lastNs = Number(process.hrtime.bigint());
  const place = (timestampNs: number, pid: number, tid: number): string => {
    const { date, time } = wallClock(timestampNs);
    const thread = makePrintable(names.threadName(pid, tid) ?? `tid:${tid}`);
    return `${paint('dim', `${date} ${time}`)}  ${processes.pad(String(pid))} ${threads.pad(thread)}`;
  };
  return {
    begin: () => '',
    event: (item) => {
      const { event, pid, stack, tid, timestampNs } = item;
      lastNs = timestampNs;
      const name = makePrintable(event);
      const fields = formatFields(item, names.descriptor(pid, event), paint);
      const gap = fields === '' ? '' : `${events.gap(name)} `;
      return `${place(timestampNs, pid, tid)}  ${paint('bold', name)}${gap}${fields}${formatStack(stack)}\n`;
    },
    loss: ({ count, pattern, pid, reason, tid }) => {
      const what = `# ${countEvents(count)}${pattern === undefined ? '' : ` of ${makePrintable(pattern)}`} lost here: ${reason}`;
      return `${place(lastNs, pid, tid)}  ${paint('red', what)}\n`;
    },
    end: (summary) => {
      if (summary === undefined || isTerminal) return '';
      const { delivered, lost, matched, throttled } = summary;
      return `# matched ${matched}, delivered ${delivered}, lost ${lost}, throttled ${throttled}\n`;
    },
  };
}

/** Keeps what stands below each other aligned. */
class Column {
  #width = 0;

  pad(text: string): string {
    return `${text}${this.gap(text)}`;
  }

  /** The blanks after a text. */
  gap(text: string): string {
    const { length } = text;
    if (length > this.#width) this.#width = Math.min(length, widest);
    return ' '.repeat(Math.max(0, this.#width - length));
  }
}
