import type { ScheduleFigures, ScheduleRun, ScheduleSelector } from '../../core/schedule/view.ts';
import { type Cell, flag, micros, type SqlRow, text, whole, wholeOrNone, word } from './cells.ts';
import { scheduleTable } from './schedule-tables.ts';
import type { Statements } from './statements.ts';

const NO_LIMIT = -1;

function balance(kind: string, owner: string): string {
  return `(SELECT p.amount_micro FROM ledger_account l JOIN balance p USING(la_id) WHERE l.kind='${kind}' AND l.owner_id=${owner})`;
}

/** Of runs that stand. */
const RUNS = `schedule_run r JOIN posting p ON p.txn_seq=r.txn_seq JOIN ledger_account l ON l.la_id=p.la_id AND l.kind='free'
  WHERE r.schedule_id=s.schedule_id AND NOT EXISTS(SELECT 1 FROM txn v WHERE v.reverses=r.txn_seq)`;

const FIGURES = `SELECT s.*, a.account_id, a.name, a.status account_status, a.start_s, a.end_s, b.award_id, b.closed,
    COALESCE(${balance('free', 's.budget_id')},0) free_micro,
    COALESCE(${balance('held', 's.budget_id')},0)
      +CASE b.basis WHEN 'total' THEN COALESCE(${balance('fa_held', 's.budget_id')},0) ELSE 0 END held_micro,
    COALESCE(${balance('award', 'b.award_id')},0) award_micro,
    (SELECT COALESCE(SUM(p.amount_micro),0) FROM ${RUNS}) allocated_micro,
    COALESCE((SELECT value FROM note WHERE name='alloc_short:'||s.schedule_id),'') short_note
  FROM schedule s JOIN budget b USING(budget_id) JOIN account a USING(account_id)`;

/** Only the few schedules of which something may lapse ask for these. */
const AVAILABLE = `WITH me(id) AS (SELECT ?) SELECT COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account l ON l.kind='free' AND l.owner_id=b.budget_id
      JOIN balance p USING(la_id) WHERE b.account_id=(SELECT id FROM me)),0)
    -COALESCE((SELECT held_micro+spent_micro FROM below WHERE account_id=(SELECT id FROM me)),0) available_micro`;
const LAST_RUN = `SELECT r.due_day, p.amount_micro FROM (SELECT ? schedule_id) s JOIN ${RUNS} ORDER BY r.due_day DESC LIMIT 1`;
const RUN_DAYS =
  'SELECT due_day FROM schedule_run WHERE schedule_id=? AND due_day>=? ORDER BY due_day';
const SPENT = `SELECT d.day, SUM(d.spent_micro+CASE b.basis WHEN 'total' THEN d.fa_micro ELSE 0 END) amount_micro
  FROM day_spend d JOIN budget b USING(budget_id) WHERE d.budget_id=? AND d.day>=? GROUP BY d.day`;

const LISTED = 'IN(SELECT value FROM json_each(?))';

interface Condition {
  readonly sql: string;
  readonly cell: Cell;
}

function conditions(selector: ScheduleSelector): readonly Condition[] {
  const { ids, accounts, status, dueBy, auto, runSeqs, afterId } = selector;
  const all: readonly (readonly [string, Cell | undefined])[] = [
    [`s.schedule_id ${LISTED}`, ids && JSON.stringify(ids)],
    [`a.name ${LISTED}`, accounts && JSON.stringify(accounts)],
    ['s.status=?', status],
    // Said once more for the index of active ones.
    ["s.status='active' AND s.next_day<=?", dueBy],
    ['s.auto=?', auto === undefined ? undefined : Number(auto)],
    [
      `s.schedule_id IN(SELECT schedule_id FROM schedule_run WHERE txn_seq ${LISTED})`,
      runSeqs && JSON.stringify(runSeqs),
    ],
    ['s.schedule_id>?', afterId],
  ];
  return all.flatMap(([sql, cell]) => (cell === undefined ? [] : [{ sql, cell }]));
}

function run(cells: SqlRow, day: string): ScheduleRun {
  return { day: whole(cells, day), amount: micros(cells, 'amount_micro') };
}

interface Rest {
  readonly lastRun: ScheduleRun | undefined;
  readonly spent: readonly ScheduleRun[];
}

const NO_REST: Rest = { lastRun: undefined, spent: [] };

function restOf(sql: Statements, scheduleId: number, budgetId: number): Rest {
  const last = sql.get(LAST_RUN, scheduleId);
  if (last === undefined) {
    return NO_REST;
  }
  const lastRun = run(last, 'due_day');
  const spent = sql.all(SPENT, budgetId, lastRun.day).map((cells) => run(cells, 'day'));
  return { lastRun, spent };
}

export interface ScheduleMoment {
  readonly today: number;
  /** YYYYMMDD of epoch seconds in the site zone. */
  readonly dayOf: (epochS: number) => number;
}

function figuresOf(
  sql: Statements,
  cells: SqlRow,
  { today, dayOf }: ScheduleMoment,
): ScheduleFigures {
  const row = scheduleTable.row(cells);
  const { scheduleId, budgetId, unspent, nextDay } = row;
  const accountId = whole(cells, 'account_id');
  const awardId = wholeOrNone(cells, 'award_id');
  const endS = whole(cells, 'end_s');
  const lapses = unspent === 'lapse';
  const free = micros(cells, 'free_micro');
  return {
    row,
    account: {
      accountId,
      name: text(cells, 'name'),
      status: word(cells, 'account_status', ['active', 'inactive', 'suspended', 'expired']),
      startS: whole(cells, 'start_s'),
      endS,
    },
    accountEndDay: dayOf(endS),
    budget: { budgetId, awardId, closed: flag(cells, 'closed') },
    free,
    held: micros(cells, 'held_micro'),
    available: lapses ? micros(sql.get(AVAILABLE, accountId) ?? {}, 'available_micro') : free,
    awardFree: awardId === undefined ? undefined : micros(cells, 'award_micro'),
    allocated: micros(cells, 'allocated_micro'),
    runDays: sql
      .all(RUN_DAYS, scheduleId, Math.min(nextDay ?? today, today))
      .map((each) => whole(each, 'due_day')),
    ...(lapses ? restOf(sql, scheduleId, budgetId) : NO_REST),
    shortNote: text(cells, 'short_note'),
  };
}

/** By id. The account's end becomes a day of the site zone once for each instant. */
export function loadSchedules(
  sql: Statements,
  selector: ScheduleSelector,
  moment: ScheduleMoment,
): readonly ScheduleFigures[] {
  const known = conditions(selector);
  const where = known.length === 0 ? '' : ` WHERE ${known.map((each) => each.sql).join(' AND ')}`;
  const days = new Map<number, number>();
  function dayOf(epochS: number): number {
    const day = days.get(epochS) ?? moment.dayOf(epochS);
    days.set(epochS, day);
    return day;
  }
  return sql
    .all(
      `${FIGURES}${where} ORDER BY s.schedule_id LIMIT ? OFFSET ?`,
      ...known.map(({ cell }) => cell),
      ...[selector.limit ?? NO_LIMIT, selector.offset ?? 0],
    )
    .map((cells) => figuresOf(sql, cells, { today: moment.today, dayOf }));
}
