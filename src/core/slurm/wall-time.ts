import { parseTimeLimit } from './time-limit.ts';

/** `2h`, `90m`, `1d`, `1h30m`, beside SLURM's own forms (budget.md 4.1). */
const WITH_UNITS = /^(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,9})s)?$/u;
const SECONDS = [86_400, 3600, 60, 1] as const;

/** Seconds; UNLIMITED also of 0, as in SLURM. Undefined when it is none of the forms. */
export function parseWallTime(given: string): number | 'UNLIMITED' | undefined {
  const text = given.trim();
  const found = text === '' ? null : WITH_UNITS.exec(text);
  const parts = found === null ? [] : found.slice(1);
  const seconds =
    found === null
      ? parseTimeLimit(text)
      : parts.reduce((sum, part, at) => sum + Number(part ?? 0) * (SECONDS[at] ?? 0), 0);
  return seconds === 0 ? 'UNLIMITED' : seconds;
}
