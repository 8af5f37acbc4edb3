import { assert, isRefused, type Refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { minus, plus, toMicrosText } from '../money/money.ts';
import type { Decision } from './change.ts';
import { runTakenBy } from './hold-words.ts';
import { type PlaceHold, placeHold } from './place-hold.ts';
import { accountSums, partitionSums } from './sums.ts';
import type { AccountMoney, PartitionFigures, View } from './view.ts';

/** Figures of budget.md 3.2; money in micro-dollars as text. */
export interface CheckFigures extends JsonObject {
  readonly account: string;
  readonly estimate: string;
  readonly hold: string;
  /** Before the hold. */
  readonly balance: string;
  readonly remaining: string;
  /** After the hold, if it was placed. */
  readonly currentHold: string;
  /** '' without a limit: used and held before this job. */
  readonly partitionUsed: string;
  readonly partitionLimit: string;
  /** Hundredths; 0: not known. */
  readonly confidence: number;
}

export interface CheckAnswer extends CheckFigures {
  readonly available: boolean;
  /** '' when available. */
  readonly code: string;
  /** Why not, as a sentence. */
  readonly reason: string;
  /** '' when no hold was placed. */
  readonly token: string;
  readonly recommendation: string;
}

export interface CheckHold extends PlaceHold {
  readonly estimate: string;
  readonly confidence: number;
  readonly recommendation: string;
}

const OVER = 'the account has less than that: its balance is negative now';

function partitionOf(
  { partitions }: AccountMoney,
  ask: CheckHold,
  short: string | undefined,
): PartitionFigures | undefined {
  const wanted = short === undefined ? ask.partitions : [short];
  return partitions.find(({ limit }) => wanted.includes(limit.partition));
}

function advice(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('; ');
}

function figuresOf(payer: AccountMoney, ask: CheckHold, short: string | undefined): CheckFigures {
  const { available, held } = accountSums(payer);
  const row = partitionOf(payer, ask, short);
  const sums = row && partitionSums(row);
  return {
    account: payer.account.name,
    estimate: ask.estimate,
    hold: toMicrosText(ask.amount),
    balance: toMicrosText(available),
    remaining: toMicrosText(available),
    currentHold: toMicrosText(held),
    partitionUsed: sums === undefined ? '' : toMicrosText(plus(sums.used, sums.held)),
    partitionLimit: sums === undefined ? '' : toMicrosText(sums.limit),
    confidence: ask.confidence,
  };
}

function short(payer: AccountMoney, ask: CheckHold, refusal: Refused): CheckAnswer {
  return {
    ...figuresOf(payer, ask, refusal.fields['partition']),
    available: false,
    code: refusal.code,
    reason: refusal.text,
    token: '',
    recommendation: advice(ask.recommendation, refusal.text, refusal.advice),
  };
}

/** The job may have one open hold, whenever that was placed: its submit time is not known here. */
function takenBy(view: View, { run, token }: CheckHold): Refused | undefined {
  const other = view.holds.find(
    (hold) =>
      hold.state === 'open' &&
      hold.token !== token &&
      hold.jobId === run?.jobId &&
      hold.arrayTask === run?.arrayTask,
  );
  return run === undefined || other === undefined ? undefined : runTakenBy(other, run);
}

/**
 * May this job run, and its money set aside (budget.md 4.2): a hold, or an answer that says what lacks
 * and writes nothing. Query: payer, and holds.jobIds with a run. Refused as placeHold is, but for want
 * of money.
 */
export function checkHold(view: View, ask: CheckHold): Decision<CheckAnswer> | Refused {
  const taken = takenBy(view, ask);
  if (taken !== undefined) {
    return taken;
  }
  const placed = placeHold(view, ask);
  const payer = view.payer?.account;
  if (isRefused(placed)) {
    const isShort =
      placed.code === 'INSUFFICIENT_BUDGET' || placed.code === 'PARTITION_LIMIT_EXCEEDED';
    return isShort && payer !== undefined
      ? { changes: [], answer: short(payer, ask, placed) }
      : placed;
  }
  assert(payer !== undefined, 'a hold has a payer');
  const { available, held } = accountSums(payer);
  const isOver = isOverdrawn(placed);
  return {
    changes: placed.changes,
    answer: {
      ...figuresOf(payer, ask, undefined),
      available: true,
      code: '',
      reason: '',
      token: placed.answer.token,
      remaining: toMicrosText(minus(available, ask.amount)),
      currentHold: toMicrosText(plus(held, ask.amount)),
      recommendation: advice(ask.recommendation, isOver ? OVER : ''),
    },
  };
}

function isOverdrawn({ changes }: Decision): boolean {
  return changes.some((change) => change.change === 'post' && change.txn.over === 2);
}
