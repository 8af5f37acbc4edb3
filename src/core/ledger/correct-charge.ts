import { isRefused, type Refused, refused } from '../errors.ts';
import { lateCost } from '../grant/liquidation.ts';
import {
  isNegative,
  isZero,
  type Money,
  negate,
  plus,
  toDecimal,
  toDollars,
} from '../money/money.ts';
import { invalid } from './account-words.ts';
import { adjustPost } from './adjust.ts';
import type { Decision } from './change.ts';
import { ownerOf } from './hold-words.ts';
import {
  type CorrectionAnswer,
  carriedOut,
  needsSecond,
  propose,
  type SecondPerson,
} from './proposals.ts';
import type { ChargeFigures, View } from './view.ts';

export interface CorrectCharge {
  /** Seq of the charge or late. */
  readonly seq: number;
  readonly verb: 'transactions adjust' | 'transactions refund';
  /** Of adjust: signed, what is added. Of refund: what goes back; absent: all that the charge still is. */
  readonly amount?: Money | undefined;
  readonly reason: string;
  readonly second: SecondPerson;
  /** Although the liquidation period of the grant that pays is over: costs that are added need it. */
  readonly force: boolean;
}

function differenceOf(charge: ChargeFigures, ask: CorrectCharge): Money | Refused {
  const isRefund = ask.verb === 'transactions refund';
  const amount = ask.amount ?? charge.amount;
  if (isZero(amount) || (isRefund && isNegative(amount))) {
    return invalid(
      'amount',
      isRefund ? '--amount must be more than 0' : '--amount must not be 0',
      isZero(charge.amount) ? 'nothing is left of the charge' : '',
    );
  }
  const difference = isRefund ? negate(amount) : amount;
  return isNegative(plus(charge.amount, difference))
    ? invalid(
        'amount',
        `the charge is ${toDollars(charge.amount)} now, so much cannot be taken back`,
        `see asbb transactions show txn_${charge.seq}`,
      )
    : difference;
}

/** By `account adjust` some of the account's costs are off the books already: never below nothing. */
function takenBack(view: View, charge: ChargeFigures, difference: Money): Refused | undefined {
  const { budget, payer } = ownerOf(view, charge.budgetId);
  const { account, partitions } = payer.account;
  const there = partitions.find(({ limit }) => limit.partition === charge.partition);
  const used = [budget.spent, ...(there === undefined ? [] : [there.spent])];
  const short = isNegative(difference)
    ? used.find((spent) => isNegative(plus(spent, difference)))
    : undefined;
  return short === undefined
    ? undefined
    : invalid(
        'amount',
        `account ${account.name} has ${toDollars(short)} used there, so much cannot be taken back`,
        `see asbb transactions list --account ${account.name} --type adjustment`,
      );
}

/**
 * A person corrects a charge (budget.md 2.5): an `adjust`, or above the site's threshold a proposal.
 * Query: holds with owners and charges, proposals that wait. NOT_FOUND, VALIDATION_ERROR, POLICY (after
 * the liquidation period, unless forced).
 */
export function correctCharge(
  view: View,
  ask: CorrectCharge,
): Decision<CorrectionAnswer> | Refused {
  const parent = view.charges.find(({ seq }) => seq === ask.seq);
  const hold = view.holds.find(({ holdId }) => holdId === parent?.holdId);
  if (parent === undefined || hold === undefined) {
    return refused('NOT_FOUND', `Transaction txn_${ask.seq} is no charge of this cluster`, {
      advice: 'see asbb transactions list --type charge',
      fields: { transaction_id: `txn_${ask.seq}` },
    });
  }
  const difference = differenceOf(parent, ask);
  if (isRefused(difference)) {
    return difference;
  }
  const award = ownerOf(view, parent.budgetId).budget.award?.award;
  const obstacle =
    takenBack(view, parent, difference) ?? lateCost(view, { award, amount: difference }, ask.force);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const amount = toDecimal(difference);
  if (needsSecond(difference, ask.second)) {
    const asked = ask.verb === 'transactions refund' ? negate(difference) : difference;
    const args = { seq: ask.seq, amount: toDecimal(asked), reason: ask.reason };
    return propose(view, ask.second, { verb: ask.verb, args, amount });
  }
  const cause = ask.verb === 'transactions refund' ? 'refund' : 'manual';
  const changes = adjustPost(view, { parent, clusterId: hold.clusterId, difference, cause });
  if (isRefused(changes)) {
    return changes;
  }
  const answer = { seq: view.next.seq, proposal: null, amount };
  return carriedOut(view, { changes, answer }, ask.second);
}
