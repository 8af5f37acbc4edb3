import { isPositive, parseAmount, ZERO } from '../../core/money/money.ts';
import type {
  AlertAccount,
  AlertAccountFilter,
  AlertFacts,
  Touched,
} from '../../ports/alert-facts.ts';
import { micros, type SqlRow, text, whole, wholeOrNone, word } from './cells.ts';
import type { LedgerPlace } from './place.ts';
import { Reader } from './reader.ts';
import type { Statements } from './statements.ts';

const NEWEST = 'SELECT COALESCE(MAX(seq),0) seq FROM txn';
const OF_BUDGETS = "a.kind IN('free','held','spent','fa_held','fa_spent')";
const ACCOUNTS_TOUCHED = `SELECT name FROM account WHERE account_id IN(
  SELECT b.account_id FROM posting p JOIN ledger_account a USING(la_id) JOIN budget b ON b.budget_id=a.owner_id
  WHERE p.txn_seq>? AND ${OF_BUDGETS}) ORDER BY name`;
const GRANTS_TOUCHED = `SELECT number FROM award WHERE award_id IN(
  SELECT b.award_id FROM posting p JOIN ledger_account a USING(la_id) JOIN budget b ON b.budget_id=a.owner_id
    WHERE p.txn_seq>? AND ${OF_BUDGETS}
  UNION SELECT a.owner_id FROM posting p JOIN ledger_account a USING(la_id)
    WHERE p.txn_seq>? AND a.kind IN('award','external','fa_external')) ORDER BY number`;

const ACCOUNTS = 'SELECT account_id, name, status FROM account';
const NAMED = `${ACCOUNTS} WHERE name IN(SELECT value FROM json_each(?)) ORDER BY name`;
const ALL = `${ACCOUNTS} ORDER BY name`;
/** What schedules posted and nobody reversed. */
const ENDED = `SELECT s.schedule_id, s.total_micro-COALESCE((SELECT SUM(p.amount_micro) FROM schedule_run r
    JOIN posting p ON p.txn_seq=r.txn_seq JOIN ledger_account a ON a.la_id=p.la_id AND a.kind='free'
    WHERE r.schedule_id=s.schedule_id AND NOT EXISTS(SELECT 1 FROM txn v WHERE v.reverses=r.txn_seq)),0) left_micro
  FROM schedule s JOIN budget b USING(budget_id) WHERE b.account_id=? AND s.status='completed'`;
/** Noted by core/schedule/process.ts: the day and the amount in dollars. */
const SHORT = `SELECT s.schedule_id, n.value FROM budget b JOIN schedule s USING(budget_id) JOIN note n ON n.name='alloc_short:'||s.schedule_id
  WHERE b.account_id=? AND s.status='active' AND n.value<>'' ORDER BY s.schedule_id`;
const STALE = `SELECT h.expires_s, h.amount_micro FROM budget b JOIN hold h ON h.budget_id=b.budget_id AND h.state='open'
  WHERE b.account_id=? AND h.expires_s<? ORDER BY h.expires_s`;
const BUDGETS = 'SELECT budget_id FROM budget WHERE account_id=?';
/** By the index hold_charged, newest first; with what was corrected since. */
const JOBS = `SELECT h.job_id, h.array_task, h.token, t.at_us,
    COALESCE((SELECT SUM(p.amount_micro) FROM posting p JOIN ledger_account a USING(la_id)
      WHERE p.txn_seq=t.seq AND a.kind='spent'),0)
    +COALESCE((SELECT SUM(p.amount_micro) FROM txn d JOIN posting p ON p.txn_seq=d.seq JOIN ledger_account a USING(la_id)
      WHERE d.parent=t.seq AND a.kind='spent'),0) cost_micro
  FROM hold h JOIN txn t ON t.seq=h.ended_seq
  WHERE h.state='charged' AND h.budget_id=? ORDER BY h.ended_seq DESC LIMIT ?`;

function jobText(row: SqlRow): string {
  const job = wholeOrNone(row, 'job_id');
  const task = whole(row, 'array_task');
  if (job === undefined) {
    return text(row, 'token');
  }
  return task < 0 ? String(job) : `${job}_${task}`;
}

function jobsOf(
  sql: Statements,
  accountId: number,
  { jobsFromUs, jobsMax }: AlertAccountFilter,
): AlertAccount['jobs'] {
  return sql
    .all(BUDGETS, accountId)
    .flatMap((budget) => sql.all(JOBS, whole(budget, 'budget_id'), jobsMax).toReversed())
    .map((row) => ({
      job: jobText(row),
      cost: micros(row, 'cost_micro'),
      atUs: whole(row, 'at_us'),
    }))
    .filter(({ atUs }) => atUs >= jobsFromUs)
    .toSorted((a, b) => a.atUs - b.atUs);
}

function accountOf(sql: Statements, row: SqlRow, filter: AlertAccountFilter): AlertAccount {
  const accountId = whole(row, 'account_id');
  return {
    accountId,
    name: text(row, 'name'),
    status: word(row, 'status', ['active', 'inactive', 'suspended', 'expired']),
    endedSchedules: sql
      .all(ENDED, accountId)
      .map((cells) => ({
        scheduleId: whole(cells, 'schedule_id'),
        left: micros(cells, 'left_micro'),
      }))
      .filter(({ left }) => isPositive(left)),
    shortSchedules: sql.all(SHORT, accountId).map(shortSchedule),
    staleHolds: sql.all(STALE, accountId, filter.staleBeforeS).map((cells) => ({
      expiresS: whole(cells, 'expires_s'),
      amount: micros(cells, 'amount_micro'),
    })),
    jobs: jobsOf(sql, accountId, filter),
  };
}

function shortSchedule(row: SqlRow): AlertAccount['shortSchedules'][number] {
  const [day = '', amount = ''] = text(row, 'value').split(' ');
  return {
    scheduleId: whole(row, 'schedule_id'),
    day: Number(day),
    amount: parseAmount(amount) ?? ZERO,
  };
}

/** Read by `maintain` and `alerts check`; opened when first asked, without drizzle. */
export class SqliteAlertFacts implements AlertFacts {
  readonly #reader: Reader;

  constructor(place: LedgerPlace) {
    this.#reader = new Reader(place);
  }

  async touched(afterSeq: number): Promise<Touched> {
    return await this.#reader.in(({ sql }) => ({
      seq: whole(sql.get(NEWEST) ?? {}, 'seq'),
      accountNames: sql.all(ACCOUNTS_TOUCHED, afterSeq).map((row) => text(row, 'name')),
      grantNumbers: sql.all(GRANTS_TOUCHED, afterSeq, afterSeq).map((row) => text(row, 'number')),
    }));
  }

  async accounts(filter: AlertAccountFilter): Promise<readonly AlertAccount[]> {
    const { names } = filter;
    return await this.#reader.in(({ sql }) =>
      (names === undefined ? sql.all(ALL) : sql.all(NAMED, JSON.stringify(names))).map((row) =>
        accountOf(sql, row, filter),
      ),
    );
  }

  close(): void {
    this.#reader.close();
  }
}
