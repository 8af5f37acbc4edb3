import { isRefused, type Refused } from '../errors.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { ZERO } from '../money/money.ts';
import { addDays, dayText } from './calendar.ts';
import { badRate } from './create-award.ts';
import { standing } from './indirect.ts';
import { deMinimisWarning } from './rate-words.ts';
import { rebase } from './rebase.ts';
import type { FaRateRow, RateBase, RateType } from './rows.ts';
import type { AwardFigures } from './view.ts';
import {
  type Amendment,
  type AwardAnswer,
  badAmendment,
  changeRow,
  closedAward,
  findAward,
  nextAwardIds,
} from './words.ts';

export interface SetRate extends Amendment {
  /** `grant_management.de_minimis_cap`: only a warning is made of it. */
  readonly deMinimisCap?: number | undefined;
  readonly rateE4: number;
  readonly base: RateBase;
  readonly type: RateType;
  /** YYYYMMDD in the site zone, both included and within the award; absent: its first or last day. */
  readonly fromDay?: number | undefined;
  readonly toDay?: number | undefined;
}

export interface RateAnswer extends AwardAnswer {
  readonly fromDay: number;
  readonly toDay: number;
  /** Corrections that were posted: one for each budget that had booked F&A in these days. */
  readonly adjusts: number;
}

interface Range {
  readonly fromDay: number;
  readonly toDay: number;
}

/** The days that the award's rows cover. */
function covered(figures: AwardFigures): Range | undefined {
  const rows = standing(figures.rates);
  const [first] = rows;
  const last = rows.at(-1);
  return first && last && { fromDay: first.fromDay, toDay: last.toDay };
}

/** What is left of an older row beside the new one: none, one or two pieces. */
function cut(row: FaRateRow, made: FaRateRow, spareId: number): readonly FaRateRow[] {
  const isLeft = row.fromDay < made.fromDay;
  const isRight = row.toDay > made.toDay;
  const left = { ...row, toDay: addDays(made.fromDay, -1) };
  const right = { ...row, fromDay: addDays(made.toDay, 1) };
  if (isLeft && isRight) {
    return [left, { ...right, rateId: spareId }];
  }
  if (isLeft) {
    return [left];
  }
  return isRight ? [right] : [{ ...row, replacedBy: made.rateId }];
}

/** The rows that are written: the new one first, since a replaced one names it. */
function laid(figures: AwardFigures, made: FaRateRow): readonly FaRateRow[] {
  const older = standing(figures.rates).filter(
    (row) => row.fromDay <= made.toDay && row.toDay >= made.fromDay,
  );
  return [made, ...older.flatMap((row) => cut(row, made, made.rateId + 1))];
}

function isSame(row: FaRateRow, made: FaRateRow): boolean {
  return (
    row.fromDay === made.fromDay &&
    row.toDay === made.toDay &&
    row.rateE4 === made.rateE4 &&
    row.base === made.base &&
    row.type === made.type
  );
}

function rangeOf(figures: AwardFigures, ask: SetRate): Range | Refused {
  const all = covered(figures);
  if (all === undefined) {
    return invalid('from', `grant ${ask.number} has no rate rows`);
  }
  const { fromDay = all.fromDay, toDay = all.toDay } = ask;
  if (fromDay > toDay) {
    return invalid('to', 'the last day of a rate lies before its first');
  }
  return fromDay < all.fromDay || toDay > all.toDay
    ? invalid(
        fromDay < all.fromDay ? 'from' : 'to',
        `rates of grant ${ask.number} lie between ${dayText(all.fromDay)} and ${dayText(all.toDay)}`,
        'extend the grant first if it goes on longer',
      )
    : { fromDay, toDay };
}

/** Figures with these rows in place of, or beside, those that were there. */
function withRates(figures: AwardFigures, rows: readonly FaRateRow[]): AwardFigures {
  const rates = new Map([...figures.rates, ...rows].map((row) => [row.rateId, row]));
  return { ...figures, rates: [...rates.values()].toSorted((a, b) => a.fromDay - b.fromDay) };
}

/**
 * The F&A rate of some days: rows stay gapless and do not overlap; older ones are cut or replaced, and
 * what was booked in these days is corrected by one `adjust` a budget (a final rate in place of a
 * provisional one). Query: awards with numbers and rating. VALIDATION_ERROR, NOT_FOUND, POLICY (closed).
 */
export function setRate(view: View, ask: SetRate): Decision<RateAnswer> | Refused {
  const bad = firstOf(badAmendment(ask), badRate(ask.rateE4));
  const figures = bad ?? findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const { award } = figures;
  const range = closedAward(award) ?? rangeOf(figures, ask);
  if (isRefused(range)) {
    return range;
  }
  const { rateE4, base, type } = ask;
  const rateId = nextAwardIds(view).rateId;
  const made: FaRateRow = { rateId, awardId: award.awardId, rateE4, base, type, ...range };
  const awardStartDay = covered(figures)?.fromDay ?? range.fromDay;
  const warning = deMinimisWarning({ type, rateE4, awardStartDay }, ask.deMinimisCap);
  const answer = {
    grant: ask.number,
    warnings: warning === undefined ? [] : [warning],
    ...range,
    adjusts: 0,
  };
  if (standing(figures.rates).some((row) => isSame(row, made))) {
    return { changes: [], answer };
  }
  const rows = laid(figures, made);
  const cause = type === 'final' ? 'final_rate' : 'rate_change';
  const corrections = rebase(view, withRates(figures, rows), cause);
  if (isRefused(corrections)) {
    return corrections;
  }
  const detail = { rateE4, base, type, ...range };
  const amendment = changeRow(view, award, ask, { kind: 'RATE_CHANGE', delta: ZERO, detail });
  return {
    changes: [
      { change: 'insertAwardChange', row: amendment },
      ...rows.map((row): Change => ({ change: 'putFaRate', row })),
      ...corrections,
    ],
    answer: {
      ...answer,
      adjusts: corrections.filter(({ change }) => change === 'post').length,
    },
  };
}
