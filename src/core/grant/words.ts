import { type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Change, Line, Txn } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import {
  isPositive,
  type Money,
  negate,
  toDollars,
  toDollarsDown,
  toMicrosText,
} from '../money/money.ts';
import { detailText } from './details.ts';
import type { AwardChangeKind, AwardChangeRow, AwardRow } from './rows.ts';
import type { AwardFigures, NextAwardIds } from './view.ts';

/** What every act on a grant answers; what it looks like now is read afterwards. */
export interface AwardAnswer extends JsonObject {
  readonly grant: string;
  /** Sentences for a person: done all the same. */
  readonly warnings: readonly string[];
}

/** What stands beside every change of an award. */
export interface Amendment {
  /** Grant number. */
  readonly number: string;
  /** Of the agency's letter. */
  readonly reference: string;
  /** When it takes effect; absent: now. */
  readonly effectiveS?: number | undefined;
  readonly approvedBy?: string | undefined;
  readonly notes?: string | undefined;
}

const REFERENCE_LENGTH_MAX = 200;
const NOTES_LENGTH_MAX = 4096;

export function noSuchAward(number: string): Refused {
  const shown = number.slice(0, 128);
  return refused('NOT_FOUND', `Grant '${shown}' not found`, {
    advice: 'see asbb grant list',
    fields: { grant: shown },
  });
}

export function findAward(view: View, number: string): AwardFigures | Refused {
  return view.awards?.awards.find(({ award }) => award.number === number) ?? noSuchAward(number);
}

/** A closed grant changes no more: POLICY. */
export function closedAward({ number, status }: AwardRow): Refused | undefined {
  return status === 'completed' || status === 'cancelled'
    ? refused('POLICY', `grant ${number} is ${status}`, {
        advice: `open it again with asbb grant update ${number} --status active`,
        fields: { grant: number, status },
      })
    : undefined;
}

export function badAmendment(ask: Amendment): Refused | undefined {
  const { reference, notes = '', approvedBy = '' } = ask;
  return firstOf(
    badText('reference', reference, REFERENCE_LENGTH_MAX, true),
    badText('notes', notes, NOTES_LENGTH_MAX),
    badText('approved_by', approvedBy, REFERENCE_LENGTH_MAX),
  );
}

/** A text of a grant: its flag is the key with dashes. */
export function badText(
  field: string,
  text: string,
  most: number,
  isRequired = false,
): Refused | undefined {
  if (isRequired && text.trim() === '') {
    return invalid(field, `${field} is required`);
  }
  return text.length > most ? invalid(field, `${field} has at most ${most} characters`) : undefined;
}

export function badSum(field: string, amount: Money): Refused | undefined {
  return isPositive(amount) ? undefined : invalid(field, `${field} must be more than 0`);
}

/** 10: the award has less than that left for budgets and F&A. */
export function awardTooSmall(figures: Pick<AwardFigures, 'award' | 'left'>, need: Money): Refused {
  const { award, left } = figures;
  return refused(
    'INSUFFICIENT_BUDGET',
    `grant ${award.number} has ${toDollarsDown(left)} left, ${toDollars(need)} is needed`,
    {
      advice: `see asbb grant show ${award.number}`,
      fields: {
        grant: award.number,
        required: toMicrosText(need),
        available: toMicrosText(left),
      },
    },
  );
}

export function nextAwardIds(view: View): NextAwardIds {
  return view.awards?.next ?? { awardId: 1, changeId: 1, rateId: 1, entryId: 1 };
}

/** The row that says how an award was changed. */
export function changeRow(
  view: View,
  award: AwardRow,
  ask: Amendment,
  what: {
    readonly kind: AwardChangeKind;
    readonly delta: Money;
    readonly detail: Parameters<typeof detailText>[0];
  },
): AwardChangeRow {
  return {
    changeId: nextAwardIds(view).changeId,
    awardId: award.awardId,
    kind: what.kind,
    delta: what.delta,
    effectiveS: ask.effectiveS ?? view.nowS,
    reference: ask.reference.trim(),
    detail: detailText(what.detail),
    approvedBy: ask.approvedBy ?? '',
    notes: ask.notes ?? '',
    createdUs: view.nowUs,
  };
}

/** A transaction of now; of a cause that its journal row and lists show. */
export function moneyPost(
  view: View,
  txn: Pick<Txn, 'kind' | 'cause' | 'lines'> & Partial<Txn>,
): Change {
  return { change: 'post', txn: { effectiveS: view.nowS, day: view.today, ...txn } };
}

/** `fund` of an award: source −x, award +x. */
export function awardFundLines(awardId: number, amount: Money): readonly Line[] {
  return [
    { kind: 'source', ownerId: 0, amount: negate(amount) },
    { kind: 'award', ownerId: awardId, amount },
  ];
}

/** `allocate` on a grant's budget: award −x, free +x; negative gives back. */
export function allotLines(awardId: number, budgetId: number, amount: Money): readonly Line[] {
  return [
    { kind: 'award', ownerId: awardId, amount: negate(amount) },
    { kind: 'free', ownerId: budgetId, amount },
  ];
}
