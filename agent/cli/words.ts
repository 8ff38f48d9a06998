import { parseDuration } from "../base/index.ts";
import { UsageMistake } from "./usage-mistake.ts";

/** The words behind a command, checked against its row of the table. */
export class Words {
  readonly operands: readonly string[];
  readonly #flags: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], flags: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#flags = flags;
  }

  has(flag: string): boolean {
    return this.#flags.has(flag);
  }

  /** The value of a flag; the last one counts when it stands there twice. */
  value(flag: string): string | undefined {
    return this.#flags.get(flag)?.at(-1);
  }

  values(flag: string): readonly string[] {
    return this.#flags.get(flag) ?? [];
  }

  required(flag: string): string {
    const value = this.value(flag);
    if (value === undefined) throw new UsageMistake(`--${flag} is missing`);
    return value;
  }

  integer(flag: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.value(flag);
    if (text === undefined) return undefined;
    const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new UsageMistake(`--${flag} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
  }

  /** Milliseconds; a bare number counts as seconds. */
  duration(flag: string): number | undefined {
    const text = this.value(flag);
    if (text === undefined) return undefined;
    const ms = parseDuration(/^\d+(?:\.\d+)?$/.test(text) ? `${text}s` : text);
    if (ms !== undefined) return ms;
    throw new UsageMistake(`--${flag} takes a duration such as 30s or 5m, not ${JSON.stringify(text)}`);
  }
}
