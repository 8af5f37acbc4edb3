import { isRefused, type Refused, refused } from '../errors.ts';
import type { Change, Decision } from './change.ts';
import {
  answerOf,
  ended,
  findHold,
  type HoldAnswer,
  isRunOf,
  otherHoldOf,
  type Run,
  runTakenBy,
} from './hold-words.ts';
import type { HoldRow } from './rows.ts';
import type { View } from './view.ts';

export interface BindHold {
  readonly token: string;
  readonly run: Run;
  readonly expiresS: number;
}

function bindable(view: View, hold: HoldRow, run: Run): Refused | undefined {
  if (hold.state !== 'open') {
    return ended(hold);
  }
  const isOtherJob =
    hold.jobId !== undefined && (hold.jobId !== run.jobId || hold.arrayTask !== run.arrayTask);
  if (isOtherJob) {
    return refused('IN_USE', `the hold txn_${hold.token} belongs to job ${hold.jobId}`, {
      advice: `see asbb transactions show txn_${hold.token}`,
      fields: { token: hold.token, job: String(hold.jobId) },
    });
  }
  const other = otherHoldOf(view, run, hold.token);
  return other === undefined ? undefined : runTakenBy(other, run);
}

/**
 * Ties a hold to the run of a job that carries its token; also when a requeue changed restart and
 * submit time. Query: holds by token and by run.jobId. NOT_FOUND; ALREADY_RECONCILED (ended, unless
 * it ended bound to this very run); IN_USE when it is another job's or the run has another hold (I15).
 */
export function bindHold(view: View, ask: BindHold): Decision<HoldAnswer> | Refused {
  const hold = findHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  const isBound = isRunOf(hold, ask.run);
  const obstacle = isBound ? undefined : bindable(view, hold, ask.run);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const isSame = isBound && (hold.state !== 'open' || hold.expiresS === ask.expiresS);
  const row = isSame ? hold : { ...hold, ...ask.run, expiresS: ask.expiresS };
  return { changes: isSame ? [] : [{ change: 'putHold', row }], answer: answerOf(row) };
}

export interface TouchHolds {
  /** Token → end of its life: now + the rest of the job's time limit + `evidence_grace`. */
  readonly expiresS: ReadonlyMap<string, number>;
  /** Nearer moves are not worth a journal row each minute. Seconds. */
  readonly slackS: number;
}

/** Jobs were seen alive: their holds live on (reliability.md 1.1). Lives are only made longer. */
export function touchHolds(view: View, ask: TouchHolds): Decision<number> {
  const changes = view.holds.flatMap((hold): readonly Change[] => {
    const wanted = ask.expiresS.get(hold.token);
    return hold.state === 'open' && wanted !== undefined && wanted > hold.expiresS + ask.slackS
      ? [{ change: 'putHold', row: { ...hold, expiresS: wanted } }]
      : [];
  });
  return { changes, answer: changes.length };
}
