import { type CivilDay, civilDay, daysMs } from "./civil-time.ts";
import { type FunctionDefinition, method } from "./function-definition.ts";
import { EvalError } from "./outcome.ts";

const MINUTE_MS = 60_000;
const ZONE_COST = 20;

/** What CEL's selectors read off a moment: the wall clock of some place, as if it were UTC. */
type Reading = (wallMs: number, day: CivilDay) => number;

const SELECTORS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["getFullYear", (_, { year }) => year],
  ["getMonth", (_, { month }) => month - 1],
  ["getDate", (_, { day }) => day],
  ["getDayOfMonth", (_, { day }) => day - 1],
  ["getDayOfYear", (wallMs, { year }) => Math.floor((wallMs - daysMs({ year, month: 1, day: 1 })) / 86_400_000)],
  // 1970-01-01 was a Thursday, day 4 when Sunday is 0.
  ["getDayOfWeek", (wallMs) => positiveModulo(Math.floor(wallMs / 86_400_000) + 4, 7)],
  ["getHours", (wallMs) => positiveModulo(Math.floor(wallMs / 3_600_000), 24)],
  ["getMinutes", (wallMs) => positiveModulo(Math.floor(wallMs / MINUTE_MS), 60)],
  ["getSeconds", (wallMs) => positiveModulo(Math.floor(wallMs / 1000), 60)],
  ["getMilliseconds", (wallMs) => positiveModulo(wallMs, 1000)],
]);

const ofTimestamps = [...SELECTORS].flatMap(([name, read]) => [
  method(name, ["timestamp"]).gives("int", (ms) => read(ms, civilDay(ms))),
  method(name, ["timestamp", "string"]).gives(
    "int",
    (ms, zone) => {
      const wallMs = wallClock(ms, zone);
      return wallMs === undefined ? new EvalError(`'${zone}' is no time zone`) : read(wallMs, civilDay(wallMs));
    },
    ZONE_COST,
  ),
]);

/** Durations count the whole of a unit, but milliseconds only what is left of the second (CEL definition, "getMilliseconds"). */
const ofDurations = [
  method("getHours", ["duration"]).gives("int", (ms) => Math.trunc(ms / 3_600_000)),
  method("getMinutes", ["duration"]).gives("int", (ms) => Math.trunc(ms / MINUTE_MS)),
  method("getSeconds", ["duration"]).gives("int", (ms) => Math.trunc(ms / 1000)),
  method("getMilliseconds", ["duration"]).gives("int", (ms) => ms % 1000),
];

export const timeFunctions: readonly FunctionDefinition[] = [...ofTimestamps, ...ofDurations];

function positiveModulo(number: number, modulus: number): number {
  return ((number % modulus) + modulus) % modulus;
}

/** `+02:00`, `-09:30`, `02:00`. */
const OFFSET = /^([+-]?)(\d\d):(\d\d)$/;

function wallClock(ms: number, zone: string): number | undefined {
  const [, sign, hours, minutes] = OFFSET.exec(zone) ?? [];
  if (hours !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
    return sign === "-" ? ms - offset : ms + offset;
  }
  const clock = clockOf(zone);
  if (clock === undefined) return undefined;
  const parts = new Map(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get("era") === "BC" ? 1 - number("year") : number("year");
  const day = daysMs({ year, month: number("month"), day: number("day") });
  return day + ((number("hour") * 60 + number("minute")) * 60 + number("second")) * 1000 + positiveModulo(ms, 1000);
}

/** Making a clock takes 50 µs, reading it 1 µs; zones are few, and unknown ones are remembered as such. */
const clocks = new Map<string, Intl.DateTimeFormat | undefined>();
const MOST_CLOCKS = 100;

function clockOf(zone: string): Intl.DateTimeFormat | undefined {
  if (clocks.has(zone)) return clocks.get(zone);
  const clock = createClock(zone);
  if (clocks.size < MOST_CLOCKS) clocks.set(zone, clock);
  return clock;
}

function createClock(timeZone: string): Intl.DateTimeFormat | undefined {
  const digits = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  try {
    return new Intl.DateTimeFormat("en-US", { ...digits, era: "short", hourCycle: "h23", calendar: "gregory", timeZone });
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}
