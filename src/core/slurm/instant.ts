// SLURM prints local time without a zone; we ask with TZ=UTC, so these are UTC. Calendar arithmetic by
// hand, because core has no Date: it must not depend on the machine.

const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})$/;
/** What SLURM prints where there is no time. */
const NO_TIME = new Set(['', 'Unknown', 'None', 'N/A', 'NONE', '(null)']);
const DAY_SECONDS = 86_400;
const DAYS_OF_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

/** `2026-11-21T08:17:32` as seconds since 1970; `none` for `Unknown`; undefined for anything else. */
export function parseInstant(text: string): number | 'none' | undefined {
  if (NO_TIME.has(text)) {
    return 'none';
  }
  const [, ...parts] = INSTANT.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  // A leap second shows as :60.
  const isTime = hour < 24 && minute < 60 && second <= 60;
  return parts.length > 0 && isDate && isTime
    ? utcSeconds([year, month, day, hour, minute, second])
    : undefined;
}

/** `2026-11-21T08:17:32`, for `sacct -S`. */
export function formatInstant(epochS: number): string {
  const days = Math.floor(epochS / DAY_SECONDS);
  const rest = epochS - days * DAY_SECONDS;
  const [year, month, day] = civilFromDays(days);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock.map((part) => pad(part)).join(':')}`;
}

/** Seconds since 1970 of [year, month, day, hour, minute, second], proleptic Gregorian, UTC. */
export function utcSeconds(parts: readonly number[]): number {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return daysFromCivil(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

function daysOfMonth(year: number, month: number): number {
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return next - daysFromCivil(year, month, 1);
}

/** Years begin in March here, so that a leap day is the last of its year. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_OF_ERA + yearOfEra * 365 + leaps + dayOfYear - EPOCH_DAYS;
}

function civilFromDays(days: number): readonly [number, number, number] {
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const dayOfEra = shifted - era * DAYS_OF_ERA;
  const leaps =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
