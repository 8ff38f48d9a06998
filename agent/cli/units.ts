/** `0 B`, `14.2 kB`, `1.1 GB`: decimal, as networks and disks are counted, three digits at most. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

let local: Intl.DateTimeFormat | undefined;

/** Local time, `2026-09-21 14:13:20`. The formatter is made when it is needed: it takes longer than many a command. */
export function formatTime(at: number): string {
  local ??= new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });
  return local.format(at);
}

/** Without the date when it is today's. */
export function formatShortTime(at: number, now: number): string {
  const [day = "", time = ""] = formatTime(at).split(" ");
  return formatTime(now).startsWith(day) ? time : `${day} ${time}`;
}

/**
 * Read a point in time as people write it: an age (`90m`, `2h`, `7d` ago), a day (`2026-09-21`, its first moment here), a local time
 * (`2026-09-21 14:00`), or an instant with its zone (`2026-09-21T14:00:00Z`). `undefined` for anything else.
 */
export function parseInstant(text: string, now: number, ageMs: number | undefined): number | undefined {
  if (ageMs !== undefined) return now - ageMs;
  try {
    if (/(?:Z|[+-]\d\d:?\d\d)$/.test(text) && text.includes(":")) return Temporal.Instant.from(text).epochMilliseconds;
    return Temporal.PlainDateTime.from(text).toZonedDateTime(Temporal.Now.timeZoneId()).epochMilliseconds;
  } catch {
    return undefined;
  }
}
