import type { ScriptView } from '../messages.ts';
import { type Codec, isSame } from './codec.ts';

type About = Omit<ScriptView, 'lines'>;

interface ScriptDelta {
  readonly id: number;
  /** Left out when only the output has grown. */
  readonly about?: About;
  readonly firstLine: number;
  readonly add: readonly string[];
}

export interface ScriptsDelta {
  /** All that there are, in order. */
  readonly ids: readonly number[];
  readonly set: readonly ScriptDelta[];
}

/** Output grows: new lines are sent, and how many of the old ones are no longer kept. */
export const scriptsCodec: Codec<readonly ScriptView[], ScriptsDelta> = {
  diff(before, now) {
    const old = new Map((before ?? []).map((script) => [script.id, script]));
    const set = now.flatMap((script) => change(old.get(script.id), script) ?? []);
    const ids = now.map(({ id }) => id);
    const hasSameIds = isSame(
      ids,
      before?.map(({ id }) => id),
    );
    return set.length === 0 && hasSameIds ? undefined : { ids, set };
  },

  apply(before, { ids, set }) {
    const scripts = new Map((before ?? []).map((script) => [script.id, script]));
    for (const { about, add, firstLine, id } of set) {
      const old = scripts.get(id);
      const base = about ?? old;
      if (base === undefined) continue;
      const kept = (old?.lines ?? []).slice(firstLine - (old?.firstLine ?? firstLine));
      scripts.set(id, { ...base, firstLine, lines: [...kept, ...add] });
    }
    return ids.flatMap((id) => scripts.get(id) ?? []);
  },
};

function change(before: ScriptView | undefined, now: ScriptView): ScriptDelta | undefined {
  const { lines, ...about } = now;
  const { firstLine, id } = now;
  if (before === undefined) return { id, about, firstLine, add: lines };
  const end = before.firstLine + before.lines.length;
  const add = lines.slice(Math.max(0, end - firstLine));
  const { lines: _lines, firstLine: _first, ...oldAbout } = before;
  const { firstLine: _now, ...freshAbout } = about;
  const isOther = !isSame(oldAbout, freshAbout);
  if (!isOther && add.length === 0 && firstLine === before.firstLine) return undefined;
  return { id, firstLine, add, ...(isOther ? { about } : {}) };
}
