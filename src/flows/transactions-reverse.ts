import { isRefused, type Refused, refused } from '../core/errors.ts';
import { reverseTransaction as choose } from '../core/ledger/reverse.ts';
import { rowOf } from '../core/ledger/transactions.ts';
import type { Reports } from '../ports/reports.ts';
import type { AccountPorts } from './steps/ask-account.ts';
import { reasonOf } from './steps/ask-correction.ts';

export interface Reversal {
  /** `txn_<seq>`, the numeric id, or `alloc_<schedule>_<day>`. */
  readonly id: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

export interface Reversed {
  readonly seq: number;
  readonly reverses: number;
  readonly isDryRun: boolean;
}

const RUN = /^alloc_(\d{1,12})_(\d{8})$/u;

async function targetOf(
  id: string,
  reports: Reports,
): Promise<{ readonly seq: number; readonly accounts: readonly string[] } | Refused> {
  const [, schedule, due] = RUN.exec(id) ?? [];
  const seq = rowOf(id)?.seq; // whichever of its rows: both sides of a transfer are one
  const run =
    schedule === undefined ? undefined : { scheduleId: Number(schedule), dueDay: Number(due) };
  const filter = run === undefined ? { seqs: [seq ?? 0] } : { run };
  const [txn] = await reports.txns({ ...filter, limit: 1 });
  if (txn === undefined) {
    return refused('NOT_FOUND', `Transaction ${id.slice(0, 128)} not found`, {
      advice: 'see asbb transactions list --all',
      fields: { transaction_id: id.slice(0, 128) },
    });
  }
  const names = txn.lines.map(({ accountName }) => accountName).filter((name) => name !== '');
  return { seq: txn.seq, accounts: [...new Set(names)] };
}

/**
 * `transactions reverse`, under `reverse:<seq>`: asked for twice it is done once. VALIDATION_ERROR,
 * NOT_FOUND, POLICY, DUPLICATE, IN_USE.
 */
export async function reverse(asked: Reversal, ports: AccountPorts): Promise<Reversed | Refused> {
  const reason = reasonOf(asked.reason);
  if (isRefused(reason)) {
    return reason;
  }
  const target = await targetOf(asked.id, ports.reports);
  if (isRefused(target)) {
    return target;
  }
  const { seq, accounts } = target;
  const query = { txns: [seq], accounts, schedules: { runSeqs: [seq] } };
  if (asked.dryRun) {
    const chosen = choose(await ports.ledger.read(query), seq);
    return isRefused(chosen) ? chosen : { seq: chosen.answer.seq, reverses: seq, isDryRun: true };
  }
  const request = {
    scope: 'site',
    key: `reverse:${seq}`,
    verb: 'transactions reverse',
    args: { transaction: seq, reason },
    audited: true,
  };
  const answered = await ports.ledger.decide(request, query, (view) => choose(view, seq));
  return isRefused(answered)
    ? answered
    : { seq: answered.answer.seq, reverses: seq, isDryRun: false };
}
