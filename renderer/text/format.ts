/** Numbers, sizes and times as people of a language write them. */
export interface Format {
  count(value: number): string;
  /** `0 B`, `812 B`, `4.2 MB`: three digits at most, decimal units. */
  bytes(value: number): string;
  /** `4s`, `12m`, `3h 05m`, `6d`: short, for columns. */
  age(ms: number): string;
  /** `10:42:07` */
  clock(instant: number): string;
  /** `22 Nov 2026, 10:42:07` */
  moment(instant: number): string;
  /** `2026-11-22`, in the words of the language. */
  day(instant: number): string;
  /** `in 23 days`, `tomorrow`, `3 hours ago`: how far away, rounded towards now. */
  away(ms: number): string;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const;
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** The first unit of which there is at least so much; days for long, because certificates are thought of in days. */
const awayUnits = [
  { least: 730 * day, size: 365 * day, unit: "year" },
  { least: 100 * day, size: 30 * day, unit: "month" },
  { least: day, size: day, unit: "day" },
  { least: hour, size: hour, unit: "hour" },
] as const;

export function createFormat(language: string): Format {
  const counts = new Intl.NumberFormat(language);
  const short = [0, 1].map((digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }));
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
  const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const away = (ms: number) => {
    const seconds = Math.trunc(ms / 1000);
    const { size, unit } = awayUnits.find(({ least }) => Math.abs(seconds) >= least) ?? { size: minute, unit: "minute" };
    return relative.format(Math.trunc(seconds / size), unit);
  };
  const bytes = (value: number) => {
    let amount = Math.max(0, value);
    let unit = 0;
    while (amount >= 999.5 && unit < byteUnits.length - 1) {
      amount /= 1000;
      unit += 1;
    }
    const digits = unit > 0 && amount < 99.95 ? 1 : 0;
    return `${short[digits]?.format(amount) ?? ""}\u00A0${byteUnits[unit] ?? ""}`;
  };
  return {
    count: (value) => counts.format(value),
    bytes,
    age: formatAge,
    clock: (instant) => clock.format(instant),
    moment: (instant) => moment.format(instant),
    day: (instant) => days.format(instant),
    away,
  };
}

function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < minute) return `${seconds}s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)}m\u00A0${twoDigits(seconds % minute)}s`;
  if (seconds < day) return `${Math.floor(seconds / hour)}h\u00A0${twoDigits(Math.floor((seconds % hour) / minute))}m`;
  return `${Math.floor(seconds / day)}d\u00A0${Math.floor((seconds % day) / hour)}h`;
}

const twoDigits = (value: number) => String(value).padStart(2, "0");
