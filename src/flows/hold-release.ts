import type { Settings } from '../core/config/settings.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { releaseHold } from '../core/ledger/end-hold.ts';
import type { HoldAnswer } from '../core/ledger/hold-words.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reports } from '../ports/reports.ts';
import { holdToken } from './steps/hold-token.ts';

export interface HoldReleasePorts {
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly settings: Settings;
}

export interface HoldReleaseAsk {
  /** `txn_…`, or its beginning. */
  readonly transaction: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

export interface ReleasedHold {
  readonly answer: HoldAnswer;
  /** False: it had been given back before. */
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

/** Gives a hold back by hand (budget.md 2.5). NOT_FOUND; VALIDATION_ERROR; ALREADY_RECONCILED. */
export async function releaseByHand(
  { transaction, reason, dryRun }: HoldReleaseAsk,
  ports: HoldReleasePorts,
): Promise<ReleasedHold | Refused> {
  const token = await holdToken(transaction, ports.reports);
  if (isRefused(token)) {
    return token;
  }
  const query = { holds: { tokens: [token], owners: true } };
  let isChanged = false;
  const ask = { token, cause: 'manual' };
  if (dryRun) {
    const decision = releaseHold(await ports.ledger.read(query), ask);
    return isRefused(decision)
      ? decision
      : { answer: decision.answer, isChanged: decision.changes.length > 0, isDryRun: true };
  }
  const answered = await ports.ledger.decide(
    {
      scope: ports.settings.slurm.cluster_name,
      verb: 'hold release',
      args: { token, reason },
      audited: true,
    },
    query,
    (view) => {
      const decision = releaseHold(view, ask);
      isChanged = !isRefused(decision) && decision.changes.length > 0;
      return decision;
    },
  );
  return isRefused(answered) ? answered : { answer: answered.answer, isChanged, isDryRun: false };
}
