/** Hour and weekday in one time zone; weekday 1 is Monday. */
export interface LocalTime {
  readonly hour: number;
  readonly weekday: number;
}

/** Offsets of all zones, and their changes, fall on quarters of an hour. */
const QUARTER_MS = 15 * 60_000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * Reads instants in a zone of the IANA database, the machine's own when none is named. Asking the calendar costs microseconds, so the
 * answer is kept for its quarter of an hour. Throws RangeError on a zone that does not exist.
 */
export function createLocalTime(zone?: string): (now: number) => LocalTime {
  // Opening the calendar takes 30 ms: the machine's own, which cannot be wrong, waits for the first rule that asks for the hour.
  let calendar = zone === undefined ? undefined : openCalendar(zone);
  let quarter = Number.NaN;
  let known: LocalTime = { hour: 0, weekday: 1 };
  return (now) => {
    const current = Math.floor(now / QUARTER_MS);
    if (current !== quarter) [quarter, known] = [current, readCalendar((calendar ??= openCalendar()), now)];
    return known;
  };
}

function openCalendar(zone?: string): Intl.DateTimeFormat {
  const hour = { hour: "2-digit", hourCycle: "h23", weekday: "short" } as const;
  return new Intl.DateTimeFormat("en-GB", zone === undefined ? hour : { ...hour, timeZone: zone });
}

function readCalendar(format: Intl.DateTimeFormat, now: number): LocalTime {
  let hour = 0;
  let weekday = 1;
  for (const { type, value } of format.formatToParts(now)) {
    if (type === "hour") hour = Number(value);
    if (type === "weekday") weekday = WEEKDAYS.indexOf(value) + 1;
  }
  return { hour, weekday };
}
