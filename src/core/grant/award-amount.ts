import { isRefused, type Refused, refused } from '../errors.ts';
import { belowCommitted, firstOf, invalid } from '../ledger/account-words.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import {
  exceeds,
  isNegative,
  MOST,
  type Money,
  minus,
  negate,
  plus,
  toDollars,
} from '../money/money.ts';
import type { AwardChangeKind, AwardRow } from './rows.ts';
import type { AwardFigures } from './view.ts';
import {
  type Amendment,
  type AwardAnswer,
  awardFundLines,
  badAmendment,
  badSum,
  changeRow,
  closedAward,
  findAward,
  moneyPost,
} from './words.ts';

export interface AwardAmount extends Amendment {
  /** More than 0. */
  readonly amount: Money;
}

export interface Deobligation extends AwardAmount {
  /** Takes more than the award has left; the books say so (over=2). */
  readonly force: boolean;
}

interface Step {
  readonly kind: Extract<AwardChangeKind, 'AWARD' | 'SUPPLEMENT' | 'REDUCTION'>;
  readonly cause: string;
  /** Signed. */
  readonly delta: Money;
  readonly total: Money;
  readonly over: 0 | 2;
}

/** One letter of the agency changes the money once: typed again, it is most likely the same one. */
function knownLetter(
  { award, changes }: AwardFigures,
  { reference }: Amendment,
  { kind, delta }: Step,
): Refused | undefined {
  const twin = changes.find(
    (change) => change.kind === kind && change.reference === reference && change.delta === delta,
  );
  return (
    twin &&
    refused('DUPLICATE', `${kind} of ${toDollars(delta)} by '${reference}' is booked already`, {
      advice: `see asbb grant show ${award.number}; a further one has a --reference of its own`,
      fields: { grant: award.number, field: 'reference' },
    })
  );
}

function stepped(
  view: View,
  figures: AwardFigures,
  ask: Amendment,
  step: Step,
): Decision<AwardAnswer> | Refused {
  const { award } = figures;
  const known = knownLetter(figures, ask, step);
  if (known !== undefined) {
    return known;
  }
  const amount = plus(award.amount, step.delta);
  const row: AwardRow = { ...award, amount, total: step.total, updatedUs: view.nowUs };
  const lines = awardFundLines(award.awardId, step.delta);
  const { kind, cause, over, delta } = step;
  const detail = { oldAmount: award.amount, newAmount: amount };
  return {
    changes: [
      { change: 'putAward', row },
      { change: 'insertAwardChange', row: changeRow(view, award, ask, { kind, delta, detail }) },
      moneyPost(view, { kind: 'fund', cause, over, lines }),
    ],
    answer: { grant: award.number, warnings: [] },
  };
}

function found(view: View, ask: AwardAmount): AwardFigures | Refused {
  const bad = firstOf(badAmendment(ask), badSum('amount', ask.amount));
  const figures = bad ?? findAward(view, ask.number);
  return isRefused(figures) ? figures : (closedAward(figures.award) ?? figures);
}

/**
 * More money than first awarded. Query: awards.numbers. VALIDATION_ERROR, NOT_FOUND, POLICY (closed),
 * DUPLICATE (amount and reference of an earlier one).
 */
export function supplementAward(view: View, ask: AwardAmount): Decision<AwardAnswer> | Refused {
  const figures = found(view, ask);
  if (isRefused(figures)) {
    return figures;
  }
  return exceeds(plus(figures.award.total, ask.amount), MOST)
    ? invalid('amount', `the award would be more than ${toDollars(MOST)}`)
    : stepped(view, figures, ask, {
        kind: 'SUPPLEMENT',
        cause: 'supplement',
        delta: ask.amount,
        total: plus(figures.award.total, ask.amount),
        over: 0,
      });
}

/**
 * The next instalment of an award that comes in several: more is authorised, the total stays. Query:
 * awards.numbers. VALIDATION_ERROR (above the total), NOT_FOUND, POLICY (closed).
 */
export function authorizeAward(view: View, ask: AwardAmount): Decision<AwardAnswer> | Refused {
  const figures = found(view, ask);
  if (isRefused(figures)) {
    return figures;
  }
  const { amount, total, number } = figures.award;
  return exceeds(plus(amount, ask.amount), total)
    ? invalid(
        'amount',
        `grant ${number} would be authorised above its total award`,
        'use asbb grant supplement when the agency has raised the award',
      )
    : stepped(view, figures, ask, {
        kind: 'AWARD',
        cause: 'instalment',
        delta: ask.amount,
        total,
        over: 0,
      });
}

/**
 * The agency takes money back. Query: awards.numbers. VALIDATION_ERROR (more than was authorised),
 * NOT_FOUND, POLICY (closed), IN_USE when the award has less left, unless forced.
 */
export function deobligateAward(view: View, ask: Deobligation): Decision<AwardAnswer> | Refused {
  const figures = found(view, ask);
  if (isRefused(figures)) {
    return figures;
  }
  const { award, left } = figures;
  if (exceeds(ask.amount, award.amount)) {
    return invalid(
      'amount',
      `grant ${award.number} has ${toDollars(award.amount)} authorised, not ${toDollars(ask.amount)}`,
    );
  }
  const isOver = isNegative(minus(left, ask.amount));
  if (isOver && !ask.force) {
    const committed = minus(award.amount, left);
    const refusal = belowCommitted(
      `grant ${award.number}`,
      committed,
      minus(award.amount, ask.amount),
    );
    return { ...refusal, fields: { ...refusal.fields, grant: award.number } };
  }
  return stepped(view, figures, ask, {
    kind: 'REDUCTION',
    cause: 'deobligation',
    delta: negate(ask.amount),
    total: minus(award.total, ask.amount),
    over: isOver ? 2 : 0,
  });
}
