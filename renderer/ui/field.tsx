import { type InputHTMLAttributes, type ReactNode, type RefObject, useId } from "react";
import { Icon } from "./icon.tsx";

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** Renders the control; it must take the id and the description. */
  readonly children: (control: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean;
  }) => ReactNode;
}

/** A control with its label above, and a hint or an error below that is read with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  const noteId = `${id}note`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({ id, "aria-describedby": note === undefined ? undefined : noteId, "aria-invalid": error !== undefined })}
      {note === undefined ? null : (
        <p id={noteId} className={error === undefined ? "field-hint" : "field-error"}>
          {note}
        </p>
      )}
    </div>
  );
}

export interface SearchFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "className" | "style" | "onChange" | "type"> {
  readonly label: string;
  readonly onValue: (value: string) => void;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
}

export function SearchField({ label, onValue, inputRef, ...rest }: SearchFieldProps) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        {...rest}
        ref={inputRef}
        type="search"
        className="input"
        aria-label={label}
        placeholder={label}
        spellCheck={false}
        data-shortcut="search"
        onChange={(event) => onValue(event.currentTarget.value)}
      />
    </div>
  );
}

export interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly says: string }[];
  readonly onValue: (value: T) => void;
}

/** A choice from a list; the label is read, the first option says it to those who see. */
export function SelectField<T extends string>({ label, value, options, onValue }: SelectFieldProps<T>) {
  const choose = (chosen: string) => {
    const option = options.find((one) => one.value === chosen);
    if (option !== undefined) onValue(option.value);
  };
  return (
    <select className="input" aria-label={label} value={value} onChange={(event) => choose(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.says}
        </option>
      ))}
    </select>
  );
}
