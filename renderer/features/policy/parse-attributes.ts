export interface Assumptions {
  readonly values: Record<string, string>;
  /** The first line that is not `name = value`, from 1. */
  readonly badLine: number | undefined;
}

/** Read `device.patch_age = 30d`, one to a line; empty lines and comments count for nothing. */
export function parseAttributes(text: string): Assumptions {
  const values: Record<string, string> = {};
  let badLine: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const bare = line.trim();
    if (bare === "" || bare.startsWith("#")) continue;
    const at = bare.search(/[=:]/);
    const name = bare.slice(0, Math.max(0, at)).trim();
    const value = bare.slice(at + 1).trim();
    if (/^[a-z][\w.]*$/i.test(name) && value !== "") values[name] = value;
    else badLine ??= index + 1;
  }
  return { values, badLine };
}
