import { isRefused, type Refused } from '../errors.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import {
  isNegative,
  isZero,
  type Money,
  minus,
  negate,
  plus,
  sum,
  toDollars,
  toMicrosText,
  ZERO,
} from '../money/money.ts';
import { booked, rateOn } from './indirect.ts';
import { afterLiquidation, isAfterLiquidation } from './liquidation.ts';
import { entryBases } from './rebase.ts';
import type { EntryKind, EntryRow, EntryShare, FaRateRow, FaRow } from './rows.ts';
import type { AwardFigures } from './view.ts';
import { type AwardAnswer, badText, findAward, nextAwardIds } from './words.ts';

/** Something on the grant that is no SLURM job (budget.md 8.1). */
export interface AddEntry {
  readonly number: string;
  /** YYYYMMDD. */
  readonly day: number;
  /** First second of that day in the site zone. */
  readonly effectiveS: number;
  /** `travel`, `equipment`, `subaward`, … */
  readonly category: string;
  readonly kind: EntryKind;
  readonly share: EntryShare;
  readonly inMtdc: boolean;
  /** Not 0; a correction is an entry of the opposite sign. */
  readonly amount: Money;
  /** Of its own: a repeat of the request changes nothing (key `entry:<reference>`, scope `site`). */
  readonly reference: string;
  /** Which subaward: those with a name count in MTDC up to the cap each. */
  readonly subaward?: string | undefined;
  readonly notes?: string | undefined;
  /** Recorded after the liquidation period all the same. */
  readonly force: boolean;
}

export interface EntryAnswer extends AwardAnswer {
  readonly entryId: number;
  /** Of the `external` transaction of a federal expenditure, else 0. */
  readonly seq: number;
  /** F&A that it bears; micro-dollars as text. */
  readonly indirect: string;
}

const CATEGORY_LENGTH_MAX = 64;
const REFERENCE_LENGTH_MAX = 190;
const NOTES_LENGTH_MAX = 4096;

function malformed(view: View, ask: AddEntry): Refused | undefined {
  const { category, reference, subaward = '', notes = '' } = ask;
  const isFuture = ask.kind === 'expenditure' && ask.day > view.today;
  return firstOf(
    badText('category', category, CATEGORY_LENGTH_MAX, true),
    badText('reference', reference, REFERENCE_LENGTH_MAX, true),
    badText('subaward', subaward, REFERENCE_LENGTH_MAX),
    badText('notes', notes, NOTES_LENGTH_MAX),
    isZero(ask.amount) ? invalid('amount', 'an entry of 0 says nothing') : undefined,
    isFuture ? invalid('date', 'an expenditure does not lie in the future') : undefined,
  );
}

/** What entries have booked under the row already, of the base that it rates. */
function entryBaseUnder(figures: AwardFigures, rate: FaRateRow): Money {
  const bases = entryBases(figures.award, figures.entries);
  return sum(
    figures.entries
      .filter(({ day }) => rateOn(figures.rates, day)?.rateId === rate.rateId)
      .map(({ entryId }) => bases.get(entryId)?.[rate.base] ?? ZERO),
  );
}

/** The F&A of the new entry: undefined without any; refused when the base fell below nothing. */
function indirectFor(
  figures: AwardFigures,
  row: EntryRow,
  txnSeq: number,
): FaRow | Refused | undefined {
  const rate = rateOn(figures.rates, row.day);
  const bases = entryBases(figures.award, [...figures.entries, row]);
  const base = rate && bases.get(row.entryId)?.[rate.base];
  if (rate === undefined || base === undefined || isZero(base)) {
    return;
  }
  return isNegative(plus(entryBaseUnder(figures, rate), base))
    ? invalid(
        'date',
        'a correction has the date of what it corrects',
        'under the rate of that day the entries would add up to less than nothing',
      )
    : { ...booked(figures.fa, rate, base), txnSeq };
}

function rowOf(view: View, { award }: AwardFigures, ask: AddEntry): EntryRow {
  const isPosted = ask.kind === 'expenditure' && ask.share === 'federal';
  return {
    entryId: nextAwardIds(view).entryId,
    awardId: award.awardId,
    day: ask.day,
    category: ask.category.trim(),
    kind: ask.kind,
    share: ask.share,
    inMtdc: ask.inMtdc,
    amount: ask.amount,
    reference: ask.reference,
    txnSeq: isPosted ? view.next.seq : undefined,
    subaward: ask.subaward ?? '',
    notes: ask.notes ?? '',
    createdUs: view.nowUs,
  };
}

/** It takes more than the award has left. */
function isOverdrawing({ left }: AwardFigures, { amount }: AddEntry, indirect: Money): boolean {
  const all = plus(amount, indirect);
  return !isNegative(all) && isNegative(minus(left, all));
}

function posted(
  view: View,
  figures: AwardFigures,
  ask: AddEntry,
  fa: FaRow | undefined,
): readonly Change[] {
  const { awardId } = figures.award;
  const indirect = fa?.amount ?? ZERO;
  const all = plus(ask.amount, indirect);
  const isOver = isOverdrawing(figures, ask, indirect);
  return [
    {
      change: 'post',
      txn: {
        kind: 'external',
        cause: isAfterLiquidation(figures.award, view) ? 'after_liquidation' : 'entry',
        over: isOver ? 1 : 0,
        effectiveS: ask.effectiveS,
        day: ask.day,
        lines: [
          { kind: 'award', ownerId: awardId, amount: negate(all) },
          { kind: 'external', ownerId: awardId, amount: ask.amount },
          ...(isZero(indirect)
            ? []
            : [{ kind: 'fa_external', ownerId: awardId, amount: indirect } as const]),
        ],
      },
    },
    ...(fa === undefined ? [] : [{ change: 'insertFa', row: fa } as const]),
  ];
}

/**
 * An external entry. A federal expenditure is booked with its F&A (`external`: a real cost, also above
 * what the award has left); every other kind is a row for the reports. Query: awards with numbers and
 * entries. VALIDATION_ERROR, NOT_FOUND, POLICY (after the liquidation period, unless forced).
 */
export function addEntry(view: View, ask: AddEntry): Decision<EntryAnswer> | Refused {
  const figures = malformed(view, ask) ?? findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const late = afterLiquidation(figures.award, view, ask.force);
  if (late !== undefined) {
    return late;
  }
  const row = rowOf(view, figures, ask);
  const fa = row.txnSeq === undefined ? undefined : indirectFor(figures, row, row.txnSeq);
  if (isRefused(fa)) {
    return fa;
  }
  const isAfter = isAfterLiquidation(figures.award, view);
  const isOver = row.txnSeq !== undefined && isOverdrawing(figures, ask, fa?.amount ?? ZERO);
  return {
    changes: [
      ...(row.txnSeq === undefined ? [] : posted(view, figures, ask, fa)),
      { change: 'insertEntry', row },
    ],
    answer: {
      grant: ask.number,
      warnings: [
        ...(isAfter ? ['recorded after the liquidation period of the grant'] : []),
        ...(isOver
          ? [`the grant had ${toDollars(figures.left)} left that no account has: it is overdrawn`]
          : []),
      ],
      entryId: row.entryId,
      seq: row.txnSeq ?? 0,
      indirect: toMicrosText(fa?.amount ?? ZERO),
    },
  };
}
