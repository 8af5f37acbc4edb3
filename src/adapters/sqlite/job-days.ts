import type { Txn } from '../../core/ledger/change.ts';
import { type SqlRow, whole, wholeOrNone } from './cells.ts';
import type { Statements } from './statements.ts';

// How many jobs an account was charged for, by day, kept with each charge (0007_jobs.sql): a job is a task
// of a cluster, whatever its runs, or a hold without one.

const JOB = `SELECT h.cluster_id, h.job_id, h.array_task, b.account_id FROM hold h JOIN budget b USING(budget_id)
  WHERE h.hold_id=?`;
const OTHERS = `SELECT DISTINCT t.day FROM hold h JOIN budget b USING(budget_id)
  JOIN txn t ON t.hold_id=h.hold_id AND t.kind IN('charge','late') AND t.seq<>?`;
const OF_JOB = `${OTHERS} WHERE h.cluster_id=? AND h.job_id=? AND h.array_task=? AND b.account_id=?`;
const OF_HOLD = `${OTHERS} WHERE h.hold_id=?`;
const ADD = `INSERT INTO job_day(account_id,day,since,jobs) VALUES(?,?,?,?)
  ON CONFLICT(account_id,day,since) DO UPDATE SET jobs=jobs+excluded.jobs`;

/** Days on which the job was charged by other transactions. */
function otherDays(sql: Statements, holdId: number, job: SqlRow, seq: number): readonly number[] {
  const jobId = wholeOrNone(job, 'job_id');
  const rows =
    jobId === undefined
      ? sql.all(OF_HOLD, seq, holdId)
      : sql.all(
          OF_JOB,
          ...[seq, whole(job, 'cluster_id'), jobId],
          ...[whole(job, 'array_task'), whole(job, 'account_id')],
        );
  return rows.map((row) => whole(row, 'day'));
}

/** After the transaction and the hold's row are there. */
export function addToJobDays(sql: Statements, { kind, holdId, day }: Txn, seq: number): void {
  if (holdId === undefined || !(kind === 'charge' || kind === 'late')) {
    return;
  }
  const job = sql.get(JOB, holdId) ?? {};
  const accountId = whole(job, 'account_id');
  const days = otherDays(sql, holdId, job, seq);
  if (days.includes(day)) {
    return;
  }
  const before = Math.max(0, ...days.filter((other) => other < day));
  const after = Math.min(...days.filter((other) => other > day));
  sql.run(ADD, accountId, day, before, 1);
  if (Number.isFinite(after)) {
    sql.run(ADD, accountId, after, before, -1);
    sql.run(ADD, accountId, after, day, 1);
  }
  if (days.length === 0) {
    sql.run(ADD, accountId, 0, 0, 1);
  }
}

/** The same made anew from the charges: columns of job_day. */
export const JOB_DAYS = `WITH charged(account_id,job,day) AS (
    SELECT DISTINCT b.account_id, COALESCE(h.cluster_id||' '||h.job_id||' '||h.array_task,'hold '||h.hold_id), t.day
    FROM txn t JOIN hold h ON h.hold_id=t.hold_id JOIN budget b USING(budget_id) WHERE t.kind IN('charge','late')),
  told(account_id,day,since) AS (
    SELECT account_id, day, COALESCE(LAG(day) OVER (PARTITION BY account_id, job ORDER BY day),0) FROM charged)
  SELECT account_id, day, since, COUNT(*) FROM told GROUP BY 1,2,3
  UNION ALL SELECT account_id, 0, 0, COUNT(*) FROM told WHERE since=0 GROUP BY 1`;

/** I2 for the counts of jobs: what is kept and is not so. */
export const JOB_DAYS_OFF = `SELECT 'jobs', account_id FROM (SELECT account_id, day d, since s, jobs j FROM job_day
  UNION ALL SELECT account_id, day, since, -n FROM (WITH made(account_id,day,since,n) AS (${JOB_DAYS}) SELECT * FROM made))
GROUP BY account_id, d, s HAVING SUM(j)<>0`;
