import { isRefused, type Refused } from '../errors.ts';
import { toDecimal, ZERO } from '../money/money.ts';
import type { Decision } from './change.ts';
import { type CorrectionAnswer, carriedOut, type SecondPerson } from './proposals.ts';
import { amendedBy, type ReconcileHold, reconcileHold } from './reconcile-hold.ts';
import type { View } from './view.ts';

/**
 * The approved correction of a charge by `reconcile`; one that stands already only closes its proposal.
 * Query: as of reconcileHold. NOT_FOUND, VALIDATION_ERROR.
 */
export function carryOutAmend(
  view: View,
  ask: ReconcileHold & { readonly second: SecondPerson },
): Decision<CorrectionAnswer> | Refused {
  const done = reconcileHold(view, ask);
  if (isRefused(done)) {
    return done;
  }
  const hold = view.holds.find(({ token }) => token === ask.token);
  const difference = (hold && amendedBy(view, hold, done.answer)) ?? ZERO;
  const answer = { seq: done.answer.seq, proposal: null, amount: toDecimal(difference) };
  return carriedOut(view, { changes: done.changes, answer }, ask.second);
}
