import { type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isNegative, isPositive, isZero, negate, plus, toDollars } from '../money/money.ts';
import { dueDay, lastDayOf, remainingOf } from '../schedule/dates.ts';
import type { ScheduleFigures } from '../schedule/view.ts';
import type { Change, Decision, Line } from './change.ts';
import { accountSums } from './sums.ts';
import type { TxnFigures, View } from './view.ts';

export interface ReverseAnswer extends JsonObject {
  readonly seq: number;
  readonly reverses: number;
}

const REVERSIBLE: ReadonlySet<string> = new Set(['fund', 'allocate', 'lapse', 'transfer']);
/** Acts on grants have commands of their own: a change of the award goes with them. */
const GRANT_CAUSES: ReadonlySet<string> = new Set(['link', 'unlink', 'supplement', 'deobligation']);

function policy(text: string, advice: string): Refused {
  return refused('POLICY', text, { advice });
}

function unfit(txn: TxnFigures): Refused | undefined {
  const name = `txn_${txn.seq}`;
  if (!REVERSIBLE.has(txn.kind)) {
    return policy(
      `${name} is a ${txn.kind}: only fund, allocation, lapse and transfer are reversed`,
      'a cost is corrected with asbb transactions adjust or refund',
    );
  }
  if (txn.reversedBy !== undefined) {
    return refused('DUPLICATE', `${name} was reversed already`, {
      advice: `see asbb transactions show txn_${txn.reversedBy}`,
      fields: { transaction_id: name },
    });
  }
  const isGrant = txn.kind === 'fund' && txn.lines.some(({ kind }) => kind === 'award');
  return isGrant || GRANT_CAUSES.has(txn.cause ?? '')
    ? policy(`${name} is an act on a grant`, 'use asbb grant deobligate or unlink')
    : undefined;
}

/** Nobody can use what lies on a closed budget: what its end gave back stays given back. */
function buried(view: View, lines: readonly Line[]): Refused | undefined {
  const given = lines.filter(({ kind, amount }) => kind === 'free' && isPositive(amount));
  const found = view.accounts.find(({ budgets }) =>
    budgets.some(
      ({ budget }) => budget.closed && given.some(({ ownerId }) => ownerId === budget.budgetId),
    ),
  );
  return found === undefined
    ? undefined
    : policy(
        `a budget of account ${found.account.name} that it came from is closed`,
        'give money with asbb grant link or asbb account deposit',
      );
}

/** What was given must still be there: nothing is overdrawn by taking it back. */
function used(view: View, lines: readonly Line[]): Refused | undefined {
  const taken = lines.filter(({ kind, amount }) => kind === 'free' && isNegative(amount));
  for (const { ownerId, amount } of taken) {
    const figures = view.accounts.find(({ budgets }) =>
      budgets.some(({ budget }) => budget.budgetId === ownerId),
    );
    const budget = figures?.budgets.find((each) => each.budget.budgetId === ownerId);
    const isShort =
      figures === undefined ||
      budget === undefined ||
      isNegative(plus(budget.free, amount)) ||
      isNegative(plus(accountSums(figures).available, amount));
    if (isShort) {
      const name = figures?.account.name ?? '';
      return refused('IN_USE', `account ${name} has used or held some of it`, {
        advice: `${toDollars(negate(amount))} must be free: see asbb account show ${name}`,
        fields: { account: name },
      });
    }
  }
  const award = lines.find(({ kind, amount }) => kind === 'award' && isNegative(amount));
  const left = view.accounts
    .flatMap(({ budgets }) => budgets)
    .find(({ budget }) => budget.awardId === award?.ownerId)?.award?.left;
  return award !== undefined && (left === undefined || isNegative(plus(left, award.amount)))
    ? refused('IN_USE', 'the award has used or held some of it', { advice: 'see asbb grant show' })
    : undefined;
}

/** A schedule that had ended for want of money has some again: it goes on at its next date. */
function reopened(view: View, { row, ...rest }: ScheduleFigures): readonly Change[] {
  const day = dueDay(row.anchorDay, row.frequency, row.anchorIndex);
  const wasFull = row.status === 'completed' && isZero(remainingOf({ row, ...rest }));
  return wasFull && day <= lastDayOf({ row, ...rest })
    ? [
        {
          change: 'putSchedule',
          row: { ...row, status: 'active', nextDay: day, updatedUs: view.nowUs },
        },
      ]
    : [];
}

/**
 * The exact negative of a fund, allocation, lapse or transfer, on its own day (reliability.md 1.1). The
 * amount of a schedule's run goes back to what remains. Query: txns, accounts of its budgets,
 * schedules.runSeqs. NOT_FOUND, POLICY, DUPLICATE, IN_USE.
 */
export function reverseTransaction(view: View, seq: number): Decision<ReverseAnswer> | Refused {
  const txn = view.txns?.find((each) => each.seq === seq);
  if (txn === undefined) {
    return refused('NOT_FOUND', `Transaction txn_${seq} not found`, {
      advice: 'see asbb transactions list --all',
      fields: { transaction_id: `txn_${seq}` },
    });
  }
  const lines = txn.lines.map((line) => ({ ...line, amount: negate(line.amount) }));
  const obstacle = unfit(txn) ?? buried(view, lines) ?? used(view, lines);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const post: Change = {
    change: 'post',
    txn: { kind: 'reverse', effectiveS: txn.effectiveS, day: txn.day, reverses: seq, lines },
  };
  const schedules = (view.schedules ?? []).flatMap((figures) => reopened(view, figures));
  return { changes: [post, ...schedules], answer: { seq: view.next.seq, reverses: seq } };
}
