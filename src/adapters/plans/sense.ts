import { type PlanFinding, planError, planNote } from '../../core/burst/plan/plan.ts';
import { parseDuration } from '../../core/config/duration.ts';
import { parseStart } from '../../core/grant/calendar.ts';
import { parseForeignAmount } from '../../core/money/estimate.ts';
import { isNegative, type Money, ZERO } from '../../core/money/money.ts';

/** What only a second look tells of a value whose type is right; findings add up. */
export interface Sense {
  readonly findings: PlanFinding[];
  amount(path: string, text: string | undefined): Money;
  instant(path: string, text: string | undefined): number | undefined;
  /** Checked as Go writes it; kept as written. */
  duration(path: string, text: string | undefined): void;
  /** Understood, and not executed. */
  idle(path: string, value: unknown, why: string): void;
  /** SHA-256 of the batch script, as hex in small letters. */
  hashes(path: string, text: string | undefined): readonly string[];
}

const GO_DURATION = /^(?:0|(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+)$/u;
const SECONDS_PER_HOUR = 3600;

export function sense(): Sense {
  const findings: PlanFinding[] = [];
  function wrong(path: string, problem: string): void {
    findings.push(planError('plan_type', { path, message: `${path}: ${problem}` }));
  }
  return {
    findings,
    amount: (path, text) => {
      const amount = text === undefined ? ZERO : parseForeignAmount(text);
      if (amount === undefined) {
        wrong(path, 'is more than any account can hold');
      } else if (isNegative(amount)) {
        wrong(path, 'must not be negative');
      }
      return amount ?? ZERO;
    },
    instant: (path, text) => {
      const epochS = text === undefined ? undefined : parseStart(text, 'UTC');
      if (text !== undefined && epochS === undefined) {
        wrong(path, 'must be an RFC 3339 time');
      }
      return epochS;
    },
    duration: (path, text) => {
      if (text !== undefined && !(GO_DURATION.test(text) && parseDuration(text) !== undefined)) {
        wrong(path, 'must be a duration such as 2h30m0s');
      }
    },
    idle: (path, value, why) => {
      if (value !== undefined && value !== null && value !== '') {
        findings.push(planNote('plan_no_effect', { path, message: why }));
      }
    },
    hashes: (path, text) => {
      const hashes = hashesOf(text);
      if (text !== undefined && hashes.length === 0) {
        wrong(path, 'must be 64 hex digits');
      }
      return hashes;
    },
  };
}

export function secondsOf(hours: number | undefined): number {
  return Math.round((hours ?? 0) * SECONDS_PER_HOUR);
}

const TEXT_MAX = 256;
const LIST_MAX = 16;

/** What is only kept with the job: as text, cut, absent where there is nothing. */
export function keptOf(
  values: Readonly<
    Record<string, string | number | boolean | readonly string[] | null | undefined>
  >,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([path, value]) => {
      const text = Array.isArray(value) ? value.slice(0, LIST_MAX).join(', ') : String(value ?? '');
      return text === '' ? [] : [[path, text.slice(0, TEXT_MAX)]];
    }),
  );
}

const HASH = /^[0-9a-fA-F]{64}$/u;

/** The hashes among them; the producer writes `hash_<path>`, which is none. */
export function hashesOf(...texts: readonly (string | undefined)[]): readonly string[] {
  return [
    ...new Set(texts.flatMap((text) => (HASH.test(text ?? '') ? [text?.toLowerCase() ?? ''] : []))),
  ];
}

export const ALL_OR_NOTHING = 'a job of several nodes is launched whole or not at all anyway';

/** Only the word that cannot be followed is worth a note. */
export function gangWord(
  mpi: { readonly requires_gang_scheduling?: boolean | undefined } | null | undefined,
): boolean | undefined {
  return mpi?.requires_gang_scheduling === false ? false : undefined;
}
