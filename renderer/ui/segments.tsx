export interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly says: string }[];
  readonly onValue: (value: T) => void;
}

/** A few exclusive choices side by side. */
export function Segments<T extends string>({ label, value, options, onValue }: SegmentsProps<T>) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className="segment"
          aria-pressed={option.value === value}
          onClick={() => onValue(option.value)}
        >
          {option.says}
        </button>
      ))}
    </fieldset>
  );
}
