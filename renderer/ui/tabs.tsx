import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

export interface TabsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly says: string }[];
  readonly onValue: (value: T) => void;
  readonly children: ReactNode;
}

/** Tabs over one panel, by the ARIA pattern: one stop for Tab, the arrows move and choose. */
export function Tabs<T extends string>({ label, value, options, onValue, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -options.length, End: options.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.value === value);
    const target = Math.abs(step) === 1 ? (at + step + options.length) % options.length : step < 0 ? 0 : options.length - 1;
    const option = options[target];
    if (option === undefined) return;
    onValue(option.value);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[target]?.focus();
  };
  return (
    <>
      <div ref={list} className="segments" role="tablist" tabIndex={-1} aria-label={label} onKeyDown={move}>
        {options.map((option) => (
          <button
            key={option.value}
            type="button"
            role="tab"
            className="segment"
            id={`${id}${option.value}`}
            aria-selected={option.value === value}
            aria-controls={`${id}panel`}
            tabIndex={option.value === value ? 0 : -1}
            onClick={() => onValue(option.value)}
          >
            {option.says}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id={`${id}panel`} aria-labelledby={`${id}${value}`}>
        {children}
      </div>
    </>
  );
}
