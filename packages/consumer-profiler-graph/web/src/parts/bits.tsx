import type { ComponentChildren } from 'preact';
import type { PlainError } from '../../../src/server/errors.ts';
import { visible } from '../lib/plain-value.ts';

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    readonly name?: string;
  }[];
  readonly onChange: (value: T) => void;
}

/** A few exclusive choices side by side. */
export function Choice<T extends string | number>({
  label,
  onChange,
  options,
  value,
}: ChoiceProps<T>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          aria-label={option.name}
          title={option.name}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** How much of a whole, as a bar. */
export function Bar({ label, share }: { readonly label: string; readonly share: number }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <span
      class="bar"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

/** What went wrong, and what to do: code, message and hint as the tools say them. */
export function Fault({ error }: { readonly error: PlainError }) {
  return (
    <div class="fault" role="alert">
      {error.message.includes('\n') ? (
        <>
          <pre class="fault-lines">{visible(error.message)}</pre>
          <code>{error.code}</code>
        </>
      ) : (
        <p>
          <b>{visible(error.message)}</b> <code>{error.code}</code>
        </p>
      )}
      {error.hint !== '' && <p class="hint">{visible(error.hint)}</p>}
    </div>
  );
}

/** A place where nothing is to be seen yet: why, and what to do. */
export function Nothing({
  children,
  title,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="nothing">
      <p class="nothing-title">{title}</p>
      {children}
    </div>
  );
}

/** Told by a moving line; calm where motion is not wanted. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="loading" role="status">
      <span class="loading-bar" aria-hidden="true" />
      {what}
    </div>
  );
}

interface IconProps {
  readonly name: keyof typeof paths;
}

const paths = {
  close: 'M4 4l8 8M12 4l-8 8',
  filter: 'M2 3h12l-4.6 5.4V13l-2.8-1.4V8.4z',
  gear: 'M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4',
  pause: 'M5 3v10M11 3v10',
  play: 'M5 3l8 5-8 5z',
  link: 'M6.5 9.5l3-3M5 8L3.6 9.4a2.5 2.5 0 0 0 3.5 3.5L8.5 11.5M11 8l1.4-1.4a2.5 2.5 0 0 0-3.5-3.5L7.5 4.5',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  help: 'M5.8 6.2a2.2 2.2 0 1 1 3.4 1.9c-.8.5-1.2.9-1.2 1.9M8 12.6v.1',
  stop: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2z',
  chevron: 'M6 4l4 4-4 4',
  tree: 'M3 3h4M3 3v9h4M3 7.5h4M9 3h4M9 7.5h4M9 12h4',
  list: 'M3 4h10M3 8h10M3 12h10',
  chart: 'M2 12l3.5-5 3 3.5L14 4',
  script: 'M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5',
  marks: 'M2 8h12M4 5v6M7 6v4M11 4v8',
  download: 'M8 2v8M4.8 7L8 10.2 11.2 7M3 13.5h10',
} as const;

/** A small picture; the button around it has the name. */
export function Icon({ name }: IconProps) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
