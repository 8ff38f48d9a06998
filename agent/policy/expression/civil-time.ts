/** A day of the Gregorian calendar, also before its introduction, as RFC 3339 counts. Months and days count from 1. */
export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;
/** Days before each month of a year that begins in March, so that the leap day is the last one. */
const DAYS_BEFORE_MONTH = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275] as const;
/** In 400 years, and from 0000-03-01 to 1970-01-01. */
const DAYS_IN_CYCLE = 146_097;
const DAYS_TO_EPOCH = 719_468;

/**
 * Milliseconds from 1970-01-01 to a day. Pure arithmetic on the 400-year cycle of leap days (the method is described in
 * "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant), so that the engine needs no `Date`.
 */
export function daysMs({ year, month, day }: CivilDay): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const dayOfYear = (DAYS_BEFORE_MONTH[month - 1] ?? 0) + day - 1;
  const dayOfCycle = yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return (cycle * DAYS_IN_CYCLE + dayOfCycle - DAYS_TO_EPOCH) * DAY_MS;
}

/** The day in which a moment lies, in UTC. */
export function civilDay(ms: number): CivilDay {
  const days = Math.floor(ms / DAY_MS) + DAYS_TO_EPOCH;
  const cycle = Math.floor(days / DAYS_IN_CYCLE);
  const dayOfCycle = days - cycle * DAYS_IN_CYCLE;
  const leapless = dayOfCycle - Math.floor(dayOfCycle / 1_460) + Math.floor(dayOfCycle / 36_524) - Math.floor(dayOfCycle / 146_096);
  const yearOfCycle = Math.floor(leapless / 365);
  const dayOfYear = dayOfCycle - (yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const RFC_3339 =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?(?:Z|(?<sign>[+-])(?<zoneHour>\d\d):(?<zoneMinute>\d\d))$/;

/** RFC 3339 section 5.6; a fraction finer than a millisecond is cut off. `undefined` for what is no moment. */
export function parseTimestamp(text: string): number | undefined {
  const groups = RFC_3339.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const number = (name: string): number => Number(groups[name] ?? "0");
  const day = readDay({ year: number("year"), month: number("month"), day: number("day") });
  const time = readTime({ hour: number("hour"), minute: number("minute"), second: number("second") });
  const zone = readTime({ hour: number("zoneHour"), minute: number("zoneMinute"), second: 0 });
  if (day === undefined || time === undefined || zone === undefined) return undefined;
  const fraction = Number((groups["fraction"] ?? "").padEnd(3, "0").slice(0, 3));
  return day + time + fraction - (groups["sign"] === "-" ? -zone : zone);
}

function readDay(day: CivilDay): number | undefined {
  const exists = day.month >= 1 && day.month <= 12 && day.day >= 1 && day.day <= daysInMonth(day.year, day.month);
  return exists ? daysMs(day) : undefined;
}

function readTime({
  hour,
  minute,
  second,
}: {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}): number | undefined {
  return hour > 23 || minute > 59 || second > 59 ? undefined : ((hour * 60 + minute) * 60 + second) * 1000;
}

/** RFC 3339 in UTC, with as many decimals as there are. */
export function formatTimestamp(ms: number): string {
  const { year, month, day } = civilDay(ms);
  const rest = ms - daysMs({ year, month, day });
  const time = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60, Math.floor(rest / 1000) % 60].map(two).join(":");
  const fraction = rest % 1000 === 0 ? "" : `.${String(rest % 1000).padStart(3, "0")}`.replace(/0+$/, "");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${time}${fraction}Z`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
