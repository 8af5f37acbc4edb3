import { parsePersonsDuration } from '../core/config/duration.ts';
import { type Refused, refused } from '../core/errors.ts';

const MS_PER_SECOND = 1000;

/** `2h`, `90s`, `1w` of a flag in seconds; undefined when it was not given. VALIDATION_ERROR otherwise. */
export function secondsOf(flag: string, text: string | undefined): number | undefined | Refused {
  if (text === undefined) {
    return undefined;
  }
  const milliseconds = parsePersonsDuration(text);
  return milliseconds === undefined || milliseconds < 0
    ? refused('VALIDATION_ERROR', `${flag} is not a duration`, {
        advice: 'as in 90s, 30m, 2h, 7d, 1w',
      })
    : Math.ceil(milliseconds / MS_PER_SECOND);
}
