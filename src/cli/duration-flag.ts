import { parseDuration } from '../core/config/duration.ts';
import { type Refused, refused } from '../core/errors.ts';

const MS_PER_SECOND = 1000;

const WEEKS = /^(?<weeks>[0-9]{1,4})w$/u;
const DAYS_A_WEEK = 7;

/** Weeks are for people: configurations have Go's units and `d` (budget.md 0.2). */
function inDays(text: string): string {
  const weeks = WEEKS.exec(text)?.groups?.['weeks'];
  return weeks === undefined ? text : `${Number(weeks) * DAYS_A_WEEK}d`;
}

/** `2h`, `90s`, `1w` of a flag in seconds; undefined when it was not given. VALIDATION_ERROR otherwise. */
export function secondsOf(flag: string, text: string | undefined): number | undefined | Refused {
  if (text === undefined) {
    return undefined;
  }
  const milliseconds = parseDuration(inDays(text));
  return milliseconds === undefined || milliseconds < 0
    ? refused('VALIDATION_ERROR', `${flag} is not a duration`, {
        advice: 'as in 90s, 30m, 2h, 7d, 1w',
      })
    : Math.ceil(milliseconds / MS_PER_SECOND);
}
