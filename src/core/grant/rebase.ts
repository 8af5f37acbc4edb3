import { type Refused, refused } from '../errors.ts';
import { awardAfter } from '../ledger/advance.ts';
import type { Change } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { recipientPart, WHOLLY_FEDERAL_E4 } from '../money/fa.ts';
import {
  exceeds,
  isNegative,
  isZero,
  type Money,
  minus,
  negate,
  plus,
  sum,
  ZERO,
} from '../money/money.ts';
import { booked, rateOn } from './indirect.ts';
import type { AwardRow, EntryRow, FaRateRow, FaRow } from './rows.ts';
import type { AwardFigures } from './view.ts';

// Rates and terms may change after money was spent: what every budget, and all entries together, booked
// under each rate row is compared with what they should have, and the difference is posted, F&A only.

/** Micro-dollars of base by rate row, by payer: a budget's id, or 0 for the entries. */
type Bases = ReadonlyMap<number, ReadonlyMap<number, Money>>;
const ENTRIES = 0;

class BaseSums {
  readonly #sums = new Map<number, Map<number, Money>>();

  add(payer: number, rateId: number, base: Money): void {
    const rates = this.#sums.get(payer) ?? new Map<number, Money>();
    rates.set(rateId, plus(rates.get(rateId) ?? ZERO, base));
    this.#sums.set(payer, rates);
  }

  all(): Bases {
    return this.#sums;
  }
}

function federalSpending({ kind, share }: EntryRow): boolean {
  return kind === 'expenditure' && share === 'federal';
}

/**
 * The part of each federal expenditure that counts in a base, in the order they were written down: of a
 * subaward what lies below the cap (MTDC); everything (TDC).
 */
export function entryBases(
  award: AwardRow,
  entries: readonly EntryRow[],
): ReadonlyMap<number, Readonly<Record<FaRateRow['base'], Money>>> {
  const subawards = new Map<string, Money>();
  const bases = new Map<number, Readonly<Record<FaRateRow['base'], Money>>>();
  const written = entries.filter(federalSpending).toSorted((a, b) => a.entryId - b.entryId);
  for (const { entryId, inMtdc, subaward, amount } of written) {
    const before = subawards.get(subaward) ?? ZERO;
    const after = plus(before, amount);
    const isCapped = inMtdc && subaward !== '';
    if (isCapped) {
      subawards.set(subaward, after);
    }
    const counted = isCapped
      ? minus(lesser(after, award.subawardCap), lesser(before, award.subawardCap))
      : amount;
    bases.set(entryId, { MTDC: inMtdc ? counted : ZERO, TDC: amount, none: ZERO });
  }
  return bases;
}

function lesser(a: Money, b: Money): Money {
  return exceeds(a, b) ? b : a;
}

/** What every payer should have under each row. */
function wanted(figures: AwardFigures): Bases {
  const { award, rates, spentOnDays, entries } = figures;
  const bases = new BaseSums();
  for (const { budgetId, day, amount } of award.cloudInMtdc ? spentOnDays : []) {
    const rate = rateOn(rates, day);
    if (rate !== undefined && rate.base !== 'none') {
      bases.add(budgetId, rate.rateId, amount);
    }
  }
  const ofEntries = entryBases(award, entries);
  for (const { entryId, day } of entries) {
    const rate = rateOn(rates, day);
    const base = rate && ofEntries.get(entryId)?.[rate.base];
    if (rate !== undefined && base !== undefined && !isZero(base)) {
      bases.add(ENTRIES, rate.rateId, base);
    }
  }
  return bases.all();
}

function present({ baseBooked }: AwardFigures): Bases {
  const bases = new BaseSums();
  for (const { budgetId = ENTRIES, rateId, base } of baseBooked) {
    bases.add(budgetId, rateId, base);
  }
  return bases.all();
}

interface Move {
  readonly rate: FaRateRow;
  readonly base: Money;
}

function movesOf(figures: AwardFigures, payer: number, want: Bases, have: Bases): readonly Move[] {
  return figures.rates.flatMap((rate): readonly Move[] => {
    const target = want.get(payer)?.get(rate.rateId) ?? ZERO;
    const base = minus(target, have.get(payer)?.get(rate.rateId) ?? ZERO);
    return isZero(base) ? [] : [{ rate, base }];
  });
}

/** What all payers together should have under a row is never below nothing (I14). */
function negativeBase(figures: AwardFigures, want: Bases): Refused | undefined {
  const rates = [...want.values()].flatMap((bases) => [...bases]);
  for (const [rateId, bases] of Map.groupBy(rates, ([id]) => id)) {
    const rate = figures.rates.find((each) => each.rateId === rateId);
    if (isNegative(sum(bases.map(([, base]) => base)))) {
      return refused(
        'VALIDATION_ERROR',
        `from ${rate?.fromDay} to ${rate?.toDay} the costs of grant ${figures.award.number} would add up to less than nothing`,
        {
          advice: 'give a correction the date of what it corrects',
          fields: { field: 'from', grant: figures.award.number },
        },
      );
    }
  }
  return;
}

interface Step {
  readonly payer: number;
  readonly moves: readonly Move[];
}

/**
 * One step a payer. Where one of them has less than nothing under a row (a correction by hand), bases
 * grow before others shrink, so that no running sum falls below nothing on the way.
 */
function stepsOf(figures: AwardFigures, want: Bases, have: Bases): readonly Step[] {
  const payers = [...new Set([...want.keys(), ...have.keys()])].toSorted((a, b) => a - b);
  const steps = payers.map((payer) => ({ payer, moves: movesOf(figures, payer, want, have) }));
  function part(isShrinking: boolean): readonly Step[] {
    return steps.map(({ payer, moves }) => ({
      payer,
      moves: moves.filter(({ base }) => isNegative(base) === isShrinking),
    }));
  }
  const isMixed = [want, have].some((bases) =>
    [...bases.values()].some((rates) => [...rates.values()].some(isNegative)),
  );
  const all = isMixed ? [...part(false), ...part(true)] : steps;
  return all.filter(({ moves }) => moves.length > 0);
}

/** The lines of one payer's correction: its F&A alone. */
function lines(figures: AwardFigures, payer: number, amount: Money): Posted {
  const { awardId } = figures.award;
  if (payer === ENTRIES) {
    return {
      kind: 'external',
      lines: [
        { kind: 'award', ownerId: awardId, amount: negate(amount) },
        { kind: 'fa_external', ownerId: awardId, amount },
      ],
      left: figures.left,
    };
  }
  const own = figures.budgets.find(({ budget }) => budget.budgetId === payer);
  const isTotal = own?.budget.basis === 'total';
  return {
    kind: 'adjust',
    lines: [
      isTotal
        ? { kind: 'free', ownerId: payer, amount: negate(amount) }
        : { kind: 'award', ownerId: awardId, amount: negate(amount) },
      { kind: 'fa_spent', ownerId: payer, amount },
    ],
    left: isTotal ? (own?.free ?? ZERO) : figures.left,
  };
}

interface Posted {
  readonly kind: 'adjust' | 'external';
  readonly lines: Extract<Change, { change: 'post' }>['txn']['lines'];
  /** What who pays has before it. */
  readonly left: Money;
}

/** The recipient bears its part of corrected F&A as of any other (budget.md 8.3). */
function shared(figures: AwardFigures, payer: number, rows: readonly FaRow[]): readonly Change[] {
  const own = figures.budgets.find(({ budget }) => budget.budgetId === payer);
  const shareE4 = own?.account.federalShareE4 ?? WHOLLY_FEDERAL_E4;
  const [first] = rows;
  return first === undefined || shareE4 === WHOLLY_FEDERAL_E4
    ? []
    : [
        {
          change: 'insertCostShare',
          row: {
            txnSeq: first.txnSeq,
            shareE4,
            recipient: ZERO,
            recipientFa: sum(rows.map(({ amount }) => recipientPart(amount, shareE4))),
          },
        },
      ];
}

/**
 * One `adjust` of F&A only for each budget (two, see stepsOf), one `external` for the entries, where the figures' rows and
 * terms as they are to be say something else than what is booked. Query: awards with `rating`.
 */
export function rebase(
  view: View,
  figures: AwardFigures,
  cause: 'final_rate' | 'rate_change' | 'terms',
): readonly Change[] | Refused {
  const want = wanted(figures);
  const negative = negativeBase(figures, want);
  if (negative !== undefined) {
    return negative;
  }
  const have = present(figures);
  const changes: Change[] = [];
  let seq = view.next.seq;
  let now = figures;
  for (const { payer, moves } of stepsOf(figures, want, have)) {
    const rows = moves.map(({ rate, base }) => ({ ...booked(now.fa, rate, base), txnSeq: seq }));
    const amount = sum(rows.map((row) => row.amount));
    const post = lines(now, payer, amount);
    const isOver = !isNegative(amount) && isNegative(minus(post.left, amount));
    const step: readonly Change[] = [
      {
        change: 'post',
        txn: {
          kind: post.kind,
          cause,
          over: isOver && !isZero(amount) ? 1 : 0,
          effectiveS: view.nowS,
          day: view.today,
          lines: post.lines,
        },
      },
      ...rows.map((row) => ({ change: 'insertFa', row }) as const),
      ...shared(now, payer, rows),
    ];
    changes.push(...step);
    now = awardAfter(now, step);
    seq += 1;
  }
  return changes;
}
