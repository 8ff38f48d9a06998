/** Colour where it is wanted; elsewhere the text as it is. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  notable(text: string): string;
}

/** Colours only on a terminal, and never against `NO_COLOR` (no-color.org) or on a dumb one. */
export function createPaint(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const wanted = isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  const style = (code: number) => (text: string) => (wanted && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { strong: style(1), faint: style(2), good: style(32), bad: style(31), notable: style(33) };
}
