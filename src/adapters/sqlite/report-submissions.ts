import type { Submission } from '../../core/ledger/submissions.ts';
import type { SubmissionFilter } from '../../ports/reports.ts';
import { micros, type SqlRow, text, textOrNone, whole, wholeOrNone, word } from './cells.ts';
import type { Statements } from './statements.ts';

const STATES = ['open', 'charged', 'released', 'expired', 'split'] as const;
const NO_LIMIT = -1;
/** Of the hold that stands in `h`. */
const COSTS = "t.hold_id=h.hold_id AND t.kind IN('charge','late')";
const SUBMISSIONS = `SELECT h.hold_id, h.token, h.job_id, h.array_task, h.restart, b.account_id, a.name, h.partition,
    h.user_name, h.amount_micro, h.pricing, h.state, h.submit_s, h.created_us, e.at_us ended_us,
    (SELECT SUM(p.amount_micro) FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account l USING(la_id)
      WHERE t.hold_id=h.hold_id AND t.kind IN('charge','late','adjust') AND l.kind='spent') actual_micro,
    (SELECT MIN(t.seq) FROM txn t WHERE ${COSTS}) charge_seq,
    (SELECT MAX(t.effective_s) FROM txn t WHERE ${COSTS}) cost_s,
    (SELECT r.state FROM reconciliation r WHERE r.hold_id=h.hold_id ORDER BY r.recon_id DESC LIMIT 1) job_state,
    (SELECT MAX(r.at_us) FROM reconciliation r WHERE r.hold_id=h.hold_id) reconciled_us,
    (SELECT MIN(i.launch_s) FROM intent n JOIN instance i USING(intent_id) WHERE n.hold_id=h.hold_id) launched_s
  FROM hold h JOIN budget b USING(budget_id) JOIN account a USING(account_id) LEFT JOIN txn e ON e.seq=h.ended_seq
  WHERE h.state<>'split'`;
const NEWEST = ' ORDER BY h.hold_id DESC LIMIT ?';

function submissionOf(row: SqlRow): Submission {
  return {
    holdId: whole(row, 'hold_id'),
    token: text(row, 'token'),
    jobId: wholeOrNone(row, 'job_id'),
    arrayTask: whole(row, 'array_task'),
    restart: whole(row, 'restart'),
    accountId: whole(row, 'account_id'),
    accountName: text(row, 'name'),
    partition: text(row, 'partition'),
    userName: text(row, 'user_name'),
    amount: micros(row, 'amount_micro'),
    pricing: text(row, 'pricing'),
    state: word(row, 'state', STATES),
    actual: row['actual_micro'] === null ? undefined : micros(row, 'actual_micro'),
    chargeSeq: wholeOrNone(row, 'charge_seq'),
    jobState: textOrNone(row, 'job_state') ?? '',
    reconciledUs: wholeOrNone(row, 'reconciled_us'),
    launchedS: wholeOrNone(row, 'launched_s'),
    submitS: wholeOrNone(row, 'submit_s'),
    createdUs: whole(row, 'created_us'),
    costS: wholeOrNone(row, 'cost_s'),
    endedUs: wholeOrNone(row, 'ended_us'),
  };
}

/** Newest first. An array's hold that was split has its tasks instead. */
export function submissionRows(sql: Statements, filter: SubmissionFilter): readonly Submission[] {
  const { accountName, userName, jobId, arrayTask, limit = NO_LIMIT } = filter;
  const wanted = [
    ['a.name', accountName],
    ['h.user_name', userName],
    ['h.job_id', jobId],
    ['h.array_task', arrayTask],
  ] as const;
  const given = wanted.flatMap(([column, value]) =>
    value === undefined ? [] : [[` AND ${column}=?`, value] as const],
  );
  const where = given.map(([condition]) => condition).join('');
  const bound = given.map(([, value]) => value);
  return sql.all(`${SUBMISSIONS}${where}${NEWEST}`, ...bound, limit).map(submissionOf);
}
