import { assert } from '../errors.ts';
import { canonical } from '../json.ts';
import { fromMicrosText, type Money, toMicrosText } from '../money/money.ts';
import type { AwardChangeRow, RateBase, RateType } from './rows.ts';

// What `award_change.detail` says beside the row's columns: old and new values (budget.md 1.11). Written
// and read here alone; money is text of micro-dollars, as in the journal.

/** Of NCE. */
export interface ExtensionDetail {
  readonly oldEndS: number;
  readonly newEndS: number;
  /** YYYYMMDD in the site zone. */
  readonly oldEndDay: number;
  readonly newEndDay: number;
}

/** Of CARRYOVER. */
export interface CarryoverDetail {
  /** The period whose unspent money may go on. */
  readonly period: number;
  readonly amount: Money;
}

/** Of RATE_CHANGE: the row that was set. */
export interface RateDetail {
  readonly rateE4: number;
  readonly base: RateBase;
  readonly type: RateType;
  readonly fromDay: number;
  readonly toDay: number;
}

/** Of AWARD, SUPPLEMENT and REDUCTION: authorised before and after. */
export interface AmountDetail {
  readonly oldAmount: Money;
  readonly newAmount: Money;
}

type Written = Readonly<Record<string, string | number>>;

export function detailText(
  detail: ExtensionDetail | CarryoverDetail | RateDetail | AmountDetail,
): string {
  return canonical(
    Object.fromEntries(
      Object.entries(detail).map(([name, value]: [string, string | number | Money]) => [
        name,
        typeof value === 'bigint' ? toMicrosText(value) : value,
      ]),
    ),
  );
}

function read({ detail, kind }: AwardChangeRow, expected: readonly string[]): Written {
  assert(expected.includes(kind), `the detail of a ${kind} was read as that of ${expected.join()}`);
  return JSON.parse(detail) as Written; // detailText wrote it
}

export function extensionOf(change: AwardChangeRow): ExtensionDetail {
  const { oldEndS, newEndS, oldEndDay, newEndDay } = read(change, ['NCE']);
  return {
    oldEndS: Number(oldEndS),
    newEndS: Number(newEndS),
    oldEndDay: Number(oldEndDay),
    newEndDay: Number(newEndDay),
  };
}

export function carryoverOf(change: AwardChangeRow): CarryoverDetail {
  const { period, amount } = read(change, ['CARRYOVER']);
  return { period: Number(period), amount: fromMicrosText(String(amount)) };
}

export function rateOf(change: AwardChangeRow): RateDetail {
  const { rateE4, base, type, fromDay, toDay } = read(change, ['RATE_CHANGE']);
  return {
    rateE4: Number(rateE4),
    base: String(base) as RateBase,
    type: String(type) as RateType,
    fromDay: Number(fromDay),
    toDay: Number(toDay),
  };
}
