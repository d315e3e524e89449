import { useEffect, useState } from 'preact/hooks';
import type { PlainError } from '../../../src/server/errors.ts';
import type { ScriptDiagnostic } from '../../../src/server/messages.ts';
import { link } from '../link/the-link.ts';

/** What is known of a text. */
export interface Check {
  readonly diagnostics: readonly ScriptDiagnostic[];
  readonly isChecking: boolean;
  readonly fault?: PlainError;
}

const pauseMs = 250;
const nothing: Check = { diagnostics: [], isChecking: false };

/** Has a text checked whenever typing pauses. */
export function useCheck(text: string): Check {
  const [check, setCheck] = useState<Check>(nothing);
  const isOpen = link.status.value === 'open';
  useEffect(() => {
    if (text.trim() === '' || !isOpen) {
      setCheck(nothing);
      return undefined;
    }
    let isOld = false;
    setCheck((before) => ({ ...before, isChecking: true }));
    const timer = setTimeout(() => {
      link
        .ask({ do: 'check-script', text })
        .then(
          (found) =>
            isOld ||
            setCheck({ diagnostics: found as readonly ScriptDiagnostic[], isChecking: false }),
        ) // prettier-ignore
        .catch((fault: PlainError) => isOld || setCheck({ ...nothing, fault }));
    }, pauseMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text, isOpen]);
  return check;
}
