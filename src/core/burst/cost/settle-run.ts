import { isRefused, type Refused } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { afterChanges } from '../../ledger/advance.ts';
import type { Change, Decision } from '../../ledger/change.ts';
import { chargeHold } from '../../ledger/charge-hold.ts';
import { releaseHold } from '../../ledger/end-hold.ts';
import { findHold } from '../../ledger/hold-words.ts';
import { lateKeyOf, latePost } from '../../ledger/late.ts';
import type { Effective } from '../../ledger/postings.ts';
import type { HoldRow, ShareRow, UsageRow } from '../../ledger/rows.ts';
import { type Cost, costAmount, type ShareToSettle, volumesIn } from '../../ledger/settle.ts';
import type { View } from '../../ledger/view.ts';
import { type Money, sum, toMicrosText, ZERO } from '../../money/money.ts';

/** An instance that the run had a part of, and until when its payers must be written down. */
export interface Touched {
  readonly instanceId: string;
  readonly untilS: number;
}

export interface SettleRun {
  readonly token: string;
  /** The hold must still be bound to this submission, or it follows a later run by now. */
  readonly submitS: number | undefined;
  readonly touched: readonly Touched[];
  readonly effective: Effective;
  /** Shown with a release: `cancelled`, `recovery`. */
  readonly releaseCause: string;
  /** False: a listing was not complete enough to say that nothing was launched. */
  readonly mayRelease: boolean;
}

/** What became of the hold. `waiting`: an instance or a launch of it is not yet settled. */
export type Settlement = 'charged' | 'released' | 'late' | 'waiting' | 'nothing';

export interface SettleAnswer extends JsonObject {
  readonly token: string;
  readonly outcome: Settlement;
  /** Micro-dollars as text. */
  readonly amount: string;
}

/**
 * Ends the hold of a run that is over, once: with the cost of its instances when the last share is
 * known (reliability.md 1.1, *Cost*), or given back when none was ever launched. Shares that turn up
 * after that are late. Query: the hold with owners and charges, its intents and instances with usage,
 * the touched instances, its open shares.
 */
export function settleRun(view: View, ask: SettleRun): Decision<SettleAnswer> | Refused {
  const hold = findHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  const isMoved = hold.state === 'open' && hold.submitS !== ask.submitS;
  if (isMoved || isWaiting(view, hold, ask.touched)) {
    return unchanged(hold, isMoved ? 'nothing' : 'waiting');
  }
  const shares = openShares(view, hold);
  return hold.state === 'open' ? ended(view, hold, shares, ask) : late(view, hold, shares, ask);
}

function ended(
  view: View,
  hold: HoldRow,
  shares: readonly OpenShare[],
  ask: SettleRun,
): Decision<SettleAnswer> | Refused {
  const hadInstances = ownInstances(view, hold).length > 0 || ask.touched.length > 0;
  // An array's hold is never charged (I5): what its tasks cost stands on their own holds.
  if (hold.tasks === 1 && (shares.length > 0 || hadInstances)) {
    return charged(view, hold, shares, ask);
  }
  return ask.mayRelease ? released(view, hold, ask) : unchanged(hold, 'waiting');
}

function late(
  view: View,
  hold: HoldRow,
  shares: readonly OpenShare[],
  ask: SettleRun,
): Decision<SettleAnswer> | Refused {
  return shares.length === 0 ? unchanged(hold, 'nothing') : charged(view, hold, shares, ask);
}

function unchanged(hold: HoldRow, outcome: Settlement): Decision<SettleAnswer> {
  return { changes: [], answer: { token: hold.token, outcome, amount: toMicrosText(ZERO) } };
}

/** A launch without a clear answer may still bring instances; an instance not closed is not known. */
function isWaiting(view: View, hold: HoldRow, touched: readonly Touched[]): boolean {
  const mayLaunch = view.fleet.intents.some(
    ({ holdId, state }) =>
      (holdId === hold.holdId || (holdId !== undefined && holdId === hold.parentId)) &&
      (state === 'planned' || state === 'sent' || state === 'unknown'),
  );
  const until = new Map(touched.map(({ instanceId, untilS }) => [instanceId, untilS]));
  const ids = new Set([...ownInstances(view, hold), ...until.keys()]);
  return mayLaunch || [...ids].some((id) => !isKnown(view, id, until.get(id)));
}

function ownInstances(view: View, hold: HoldRow): readonly string[] {
  const intents = new Set(
    view.fleet.intents
      .filter(({ holdId }) => holdId === hold.holdId)
      .map(({ intentId }) => intentId),
  );
  return view.fleet.instances
    .filter(({ intentId }) => intents.has(intentId))
    .map(({ instanceId }) => instanceId);
}

function isKnown(view: View, instanceId: string, untilS: number | undefined): boolean {
  const row = view.fleet.instances.find((each) => each.instanceId === instanceId);
  if (row === undefined || row.state === 'closed') {
    return row !== undefined;
  }
  const writtenS = Math.max(
    row.launchS,
    ...view.fleet.usage.filter((usage) => usage.instanceId === instanceId).map(({ toS }) => toS),
  );
  return untilS !== undefined && writtenS >= untilS;
}

interface OpenShare extends ShareToSettle {
  readonly budgetId: number;
}

function openShares(view: View, hold: HoldRow): readonly OpenShare[] {
  const usage = new Map(view.fleet.usage.map((row) => [row.usageId, row]));
  return view.fleet.shares
    .filter((share) => share.holdId === hold.holdId && share.txnSeq === undefined)
    .flatMap((share: ShareRow): readonly OpenShare[] => {
      const segment = usage.get(share.usageId);
      const { usageId, n, amount, volume, budgetId } = share;
      return segment === undefined || budgetId === undefined
        ? []
        : [{ usageId, n, amount, volume, budgetId, ...placeOf(segment) }];
    })
    .toSorted((a, b) => a.usageId - b.usageId || a.n - b.n);
}

function placeOf({ instanceId, fromS }: UsageRow): Pick<ShareToSettle, 'instanceId' | 'fromS'> {
  return { instanceId, fromS };
}

function charged(
  view: View,
  hold: HoldRow,
  shares: readonly OpenShare[],
  ask: SettleRun,
): Decision<SettleAnswer> | Refused {
  const own = shares.filter(({ budgetId }) => budgetId === hold.budgetId);
  // The hold was moved to another account after some of its cost had arisen: that stays where it arose.
  const others = new Set(
    shares.map(({ budgetId }) => budgetId).filter((id) => id !== hold.budgetId),
  );
  const isLate = hold.state !== 'open';
  const decision =
    isLate && own.length === 0
      ? undefined
      : chargeHold(view, {
          token: hold.token,
          cost: { kind: 'shares', shares: own },
          effective: ask.effective,
        });
  if (decision !== undefined && isRefused(decision)) {
    return decision;
  }
  const changes: Change[] = [...(decision?.changes ?? [])];
  for (const budgetId of others) {
    const cost = { kind: 'shares', shares: sharesOf(budgetId, shares) } as const;
    const now = afterChanges(view, changes);
    changes.push(...lateFor(now, hold, { budgetId, cost }, ask.effective));
  }
  const amounts: Money[] = shares.map((share) => share.amount);
  for (const budgetId of new Set(shares.map((share) => share.budgetId))) {
    const cost = volumesIn(sharesOf(budgetId, shares));
    if (cost !== undefined) {
      const now = afterChanges(view, changes);
      changes.push(...lateFor(now, hold, { budgetId, cost }, ask.effective));
      amounts.push(costAmount(cost));
    }
  }
  const amount = sum(amounts);
  const outcome = isLate ? 'late' : 'charged';
  return { changes, answer: { token: hold.token, outcome, amount: toMicrosText(amount) } };
}

function sharesOf(budgetId: number, shares: readonly OpenShare[]): readonly OpenShare[] {
  return shares.filter((share) => share.budgetId === budgetId);
}

function lateFor(
  view: View,
  hold: HoldRow,
  part: { readonly budgetId: number; readonly cost: Cost },
  effective: Effective,
): readonly Change[] {
  return latePost(view, {
    ...part,
    hold,
    partition: hold.partition,
    effective,
    key: lateKeyOf(hold.token, part.cost),
  });
}

function released(view: View, hold: HoldRow, ask: SettleRun): Decision<SettleAnswer> | Refused {
  const { token } = hold;
  const { releaseCause: cause, effective } = ask;
  const decision = releaseHold(view, { token, cause, effective });
  return isRefused(decision)
    ? decision
    : {
        changes: decision.changes,
        answer: { token, outcome: 'released', amount: toMicrosText(hold.amount) },
      };
}
