import type { Money } from '../../core/money/money.ts';
import type { AllocationReport } from '../../ports/reports.ts';
import { flag, micros, text, whole, wholeOrNone } from './cells.ts';
import type { Statements } from './statements.ts';

const ALLOCATIONS = `SELECT r.schedule_id, r.due_day, r.txn_seq, t.at_us, t.cause='manual' by_hand, p.amount_micro,
    COALESCE((SELECT json_extract(j.body,'$.args.reason') FROM journal j WHERE j.txn_seq=r.txn_seq),'') reason,
    EXISTS(SELECT 1 FROM txn v WHERE v.reverses=r.txn_seq) reversed
  FROM schedule_run r JOIN txn t ON t.seq=r.txn_seq JOIN posting p ON p.txn_seq=r.txn_seq
    JOIN ledger_account l ON l.la_id=p.la_id AND l.kind='free'
  WHERE r.schedule_id=? ORDER BY r.due_day`;

export function allocationReports(
  sql: Statements,
  scheduleId: number,
): readonly AllocationReport[] {
  return sql.all(ALLOCATIONS, scheduleId).map((cells) => ({
    scheduleId: whole(cells, 'schedule_id'),
    dueDay: whole(cells, 'due_day'),
    amount: micros(cells, 'amount_micro'),
    txnSeq: whole(cells, 'txn_seq'),
    atUs: whole(cells, 'at_us'),
    isByHand: flag(cells, 'by_hand'),
    reason: text(cells, 'reason'),
    isReversed: flag(cells, 'reversed'),
  }));
}

const OF_ACCOUNTS = `SELECT b.account_id, MIN(CASE s.status WHEN 'active' THEN s.next_day END) next_day
  FROM schedule s JOIN budget b USING(budget_id) WHERE s.status<>'cancelled' GROUP BY b.account_id`;

/** Accounts with a schedule that is not cancelled: the next date of the active ones, if any. */
export function scheduledAccounts(sql: Statements): ReadonlyMap<number, number | undefined> {
  return new Map(
    sql
      .all(OF_ACCOUNTS)
      .map((cells) => [whole(cells, 'account_id'), wholeOrNone(cells, 'next_day')]),
  );
}

/** Found by the index of allocations: a ledger of a million transactions is not walked through. */
const ALLOCATED = `SELECT b.account_id, SUM(p.amount_micro) amount_micro
  FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account l ON l.la_id=p.la_id AND l.kind='free'
    JOIN budget b ON b.budget_id=l.owner_id
  WHERE t.kind='allocate' AND NOT EXISTS(SELECT 1 FROM txn v WHERE v.reverses=t.seq) GROUP BY b.account_id`;

/** What schedules and hands allocated to the budgets of each account, less what was reversed. */
export function allocatedTo(sql: Statements): ReadonlyMap<number, Money> {
  return new Map(
    sql.all(ALLOCATED).map((cells) => [whole(cells, 'account_id'), micros(cells, 'amount_micro')]),
  );
}
