const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
const WHOLE = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h|d))+|0)$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h|d)/g;

/** CEL's duration texts, `-1h30m`, `1.5s`, and `d` for days; what is finer than a millisecond is cut off. */
export function parseDurationText(text: string): number | undefined {
  const match = text.length > 100 ? null : WHOLE.exec(text);
  if (match === null) return undefined;
  const [, sign, amounts = ""] = match;
  let ms = 0;
  for (const [, amount, unit = ""] of amounts.matchAll(PART)) ms += Number(amount) * (UNIT_MS.get(unit) ?? 0);
  const whole = Math.trunc(Number(ms.toPrecision(15)));
  return sign === "-" ? 0 - whole : whole;
}

/** As CEL's `string(duration)`: seconds with as many decimals as there are. */
export function formatSeconds(ms: number): string {
  return `${ms / 1000}s`;
}

/** As a policy writes it, exact and as short as it gets: `1d12h`, `1h30m`, `500ms`. */
export function formatDurationLiteral(ms: number): string {
  if (ms === 0) return "0s";
  let rest = Math.abs(ms);
  let text = ms < 0 ? "-" : "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const unitMs = UNIT_MS.get(unit) ?? 1;
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}
