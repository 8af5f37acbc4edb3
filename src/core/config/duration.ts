/** Milliseconds of one unit of Go's time.ParseDuration, and `d` (budget.md 0.2). */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const PART = /([0-9]+(?:\.[0-9]+)?)(ns|us|µs|μs|ms|s|m|h|d)/gu;
const WHOLE = /^-?(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|μs|ms|s|m|h|d))+$/u;

/** `30s`, `1h30m`, `7d`, `0` → whole milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') {
    return 0;
  }
  if (!WHOLE.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, count = '', unit = ''] of text.matchAll(PART)) {
    total += Number(count) * (UNIT_MS.get(unit) ?? 0);
  }
  const milliseconds = Math.round(text.startsWith('-') ? -total : total);
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

const WEEKS = /^([0-9]{1,4})w$/u;
const DAYS_A_WEEK = 7;

/** The same, and whole weeks: people write them, configurations have Go's units and `d` (budget.md 0.2). */
export function parsePersonsDuration(text: string): number | undefined {
  const weeks = WEEKS.exec(text)?.[1];
  return parseDuration(weeks === undefined ? text : `${Number(weeks) * DAYS_A_WEEK}d`);
}
