// Calendar days in the site zone (budget.md 0.2). The one place of core that knows Date and Intl:
// their answers depend on their arguments and the zone data alone, never on the machine's clock.

const MS_PER_SECOND = 1000;
const SECONDS_PER_HOUR = 3600;
/** Zones lie within 26 hours of each other; a local midnight is at most 15 h from its UTC namesake. */
const SEARCH_HOURS = 15;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/u;
/** RFC 3339: `t` and `z` may be small, an hour 24 is none. */
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/iu;
/** JavaScript takes years below 100 for those of the 20th century; no books are older than this. */
const FIRST_DAY = 19_000_101;
/** 9999-12-31T23:59:59Z: no text of ours has a year of five digits. */
const LAST_S = 253_402_300_799;
const MS_PER_DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) {
    return known;
  }
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** YYYYMMDD of an instant (epoch seconds) in an IANA zone. An unknown zone is a RangeError. */
export function dayOf(epochS: number, zone: string): number {
  if (zone === 'UTC') {
    const date = new Date(epochS * MS_PER_SECOND);
    return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  }
  const parts = formatOf(zone).formatToParts(epochS * MS_PER_SECOND);
  const [year = '', month = '', day = ''] = ['year', 'month', 'day'].map(
    (name) => parts.find((part) => part.type === name)?.value,
  );
  return Number(`${year}${month}${day}`);
}

/** `2026-11-21` of 20261121. */
export function dayText(day: number): string {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, -4)}-${digits.slice(-4, -2)}-${digits.slice(-2)}`;
}

/** The first second of a day (YYYYMMDD) in the zone; where midnight does not exist, the first that does. */
export function startOfDay(day: number, zone: string): number {
  const utc = (serial(day) * MS_PER_DAY) / MS_PER_SECOND;
  let before = utc - SEARCH_HOURS * SECONDS_PER_HOUR;
  let atOrAfter = utc + SEARCH_HOURS * SECONDS_PER_HOUR;
  // Days never run backwards, so the first second of the day is found by halving.
  while (atOrAfter - before > 1) {
    const middle = Math.floor((before + atOrAfter) / 2);
    if (dayOf(middle, zone) < day) {
      before = middle;
    } else {
      atOrAfter = middle;
    }
  }
  return atOrAfter;
}

export function nextDay(day: number): number {
  return addDays(day, 1);
}

/** The last second of a day in the zone (an end day is included, budget.md 0.2). */
export function endOfDay(day: number, zone: string): number {
  return startOfDay(nextDay(day), zone) - 1;
}

/** 20261121 of `2026-11-21`; undefined for any other text and for days that do not exist. */
export function parseDay(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) {
    return undefined;
  }
  const day = Number(text.replaceAll('-', ''));
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  return day < FIRST_DAY ||
    Number.isNaN(milliseconds) ||
    dayOf(milliseconds / MS_PER_SECOND, 'UTC') !== day
    ? undefined
    : day;
}

/** Epoch seconds of an RFC 3339 instant (fractions are cut), else undefined. */
function parseInstant(text: string): number | undefined {
  const date = INSTANT.exec(text)?.[1];
  const milliseconds = Date.parse(text.toUpperCase());
  const epochS = Math.floor(milliseconds / MS_PER_SECOND);
  return date === undefined || parseDay(date) === undefined || !(epochS <= LAST_S)
    ? undefined
    : epochS;
}

/** What a person writes as a start (`YYYY-MM-DD` or RFC 3339), as epoch seconds. */
export function parseStart(text: string, zone: string): number | undefined {
  const day = parseDay(text);
  return day === undefined ? parseInstant(text) : startOfDay(day, zone);
}

/** The day that a person writes, or the day of an instant in the zone (budget.md 0.2). */
export function parseDate(text: string, zone: string): number | undefined {
  const instantS = parseInstant(text);
  return parseDay(text) ?? (instantS === undefined ? undefined : dayOf(instantS, zone));
}

/** What a person writes as an end: of a date its last second. */
export function parseEnd(text: string, zone: string): number | undefined {
  const day = parseDay(text);
  return day === undefined ? parseInstant(text) : Math.min(endOfDay(day, zone), LAST_S);
}

/** RFC 3339 with `Z`: seconds for times told by SLURM, EC2 and people. */
export function instantText(epochS: number): string {
  return `${new Date(epochS * MS_PER_SECOND).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with milliseconds: our own moments. */
export function momentText(epochUs: number): string {
  return new Date(Math.floor(epochUs / MS_PER_SECOND)).toISOString();
}

/** Days since 1970-01-01 of a day (YYYYMMDD): what differences and additions are made of. */
function serial(day: number): number {
  return (
    Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100) / MS_PER_DAY
  );
}

/** The day so many days later, or earlier when negative. */
export function addDays(day: number, days: number): number {
  return dayOf(((serial(day) + days) * MS_PER_DAY) / MS_PER_SECOND, 'UTC');
}

/** Calendar days from one day to another: 0 of the same day, negative when `to` lies before. */
export function daysBetween(from: number, to: number): number {
  return serial(to) - serial(from);
}

/**
 * The day so many months later (earlier when negative); where it does not exist, the last day of that
 * month. Always from the anchor, never chained (budget.md 0.2).
 */
export function addMonths(day: number, months: number): number {
  const year = Math.floor(day / 10_000);
  const month = Math.floor(day / 100) % 100;
  const first = year * 12 + (month - 1) + months;
  const then = { year: Math.floor(first / 12), month: (first % 12) + 1 };
  // Day 0 of the next month is the last one of this.
  const last = new Date(Date.UTC(then.year, then.month, 0)).getUTCDate();
  return then.year * 10_000 + then.month * 100 + Math.min(day % 100, last);
}

/** The day so many months earlier; where it does not exist, the last day of that month (budget.md 0.2). */
export function monthsBefore(day: number, months: number): number {
  return addMonths(day, -months);
}
