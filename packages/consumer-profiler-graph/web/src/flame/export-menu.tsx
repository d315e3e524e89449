import { useState } from 'preact/hooks';
import type { ExportFormat } from '../../../src/server/messages.ts';
import type { PlainError } from '../../../src/server/errors.ts';
import { link } from '../link/the-link.ts';
import { Fault, Icon } from '../parts/bits.tsx';

const formats: readonly { readonly format: ExportFormat; readonly title: string }[] = [
  { format: 'speedscope', title: 'speedscope' },
  { format: 'pprof', title: 'pprof' },
  { format: 'cpuprofile', title: 'cpuprofile (DevTools)' },
];

/** Takes the graph along, as a file that other tools open. */
export function ExportMenu({ id }: { readonly id: number | undefined }) {
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const save = async (format: ExportFormat, menu: HTMLDetailsElement | null): Promise<void> => {
    menu?.removeAttribute('open');
    try {
      const path = await link.ask({ do: 'export', view: id ?? 0, format });
      const anchor = document.createElement('a');
      anchor.href = `.${String(path)}`;
      anchor.download = '';
      anchor.click();
      setFault(undefined);
    } catch (error) {
      setFault(error as PlainError);
    }
  };
  return (
    <>
      <details class="menu">
        <summary>
          <Icon name="download" /> Export
        </summary>
        <ul>
          {formats.map(({ format, title }) => (
            <li key={format}>
              <button
                type="button"
                onClick={(event) => void save(format, event.currentTarget.closest('details'))}
              >
                {title}
              </button>
            </li>
          ))}
        </ul>
      </details>
      {fault !== undefined && <Fault error={fault} />}
    </>
  );
}
