// sbatch(1) --time: "minutes", "minutes:seconds", "hours:minutes:seconds", "days-hours",
// "days-hours:minutes" and "days-hours:minutes:seconds"; UNLIMITED and INFINITE are no number.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** SLURM keeps minutes in 32 bits. */
const LARGEST_SECONDS = 4_294_967_293 * MINUTE;

const FORM = /^(?:([0-9]{1,10})-)?([0-9]{1,10})(?::([0-9]{1,10}))?(?::([0-9]{1,10}))?$/;
const ENDLESS = /^(?:UNLIMITED|INFINITE)$/i;

/** Seconds of a SLURM time limit; undefined when the text is none of its forms. */
export function parseTimeLimit(text: string): number | 'UNLIMITED' | undefined {
  if (ENDLESS.test(text)) {
    return 'UNLIMITED';
  }
  const found = FORM.exec(text);
  if (found === null) {
    return undefined;
  }
  const [, days, ...rest] = found;
  const numbers = rest.flatMap((part) => (part === undefined ? [] : [Number(part)]));
  const seconds = days === undefined ? withoutDays(numbers) : withDays(Number(days), numbers);
  return seconds > LARGEST_SECONDS ? undefined : seconds;
}

/** Whole minutes as SLURM keeps them: seconds are rounded up. */
export function toMinutes(seconds: number): number {
  return Math.ceil(seconds / MINUTE);
}

/** `D-HH:MM:SS` or `HH:MM:SS`, as scontrol prints a time limit. */
export function formatTimeLimit(seconds: number | 'UNLIMITED'): string {
  if (seconds === 'UNLIMITED') {
    return 'UNLIMITED';
  }
  const days = Math.floor(seconds / DAY);
  const clock = [
    Math.floor((seconds % DAY) / HOUR),
    Math.floor((seconds % HOUR) / MINUTE),
    seconds % MINUTE,
  ].map((part) => String(part).padStart(2, '0'));
  return `${days === 0 ? '' : `${days}-`}${clock.join(':')}`;
}

function withDays(days: number, [hours = 0, minutes = 0, seconds = 0]: readonly number[]): number {
  return days * DAY + hours * HOUR + minutes * MINUTE + seconds;
}

function withoutDays([first = 0, second, third]: readonly number[]): number {
  return third === undefined
    ? first * MINUTE + (second ?? 0)
    : first * HOUR + (second ?? 0) * MINUTE + third;
}
