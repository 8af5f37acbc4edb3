import {
  and,
  asc,
  type Column,
  desc,
  eq,
  gt,
  gte,
  inArray,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { alias } from 'drizzle-orm/sqlite-core';
import { account, budget, cluster } from '../../../schema/tables/accounts.ts';
import { journal, ledgerAccount, posting, txn } from '../../../schema/tables/books.ts';
import { hold } from '../../../schema/tables/holds.ts';
import { scheduleRun } from '../../../schema/tables/schedules.ts';
import type { TxnKind } from '../../core/ledger/rows.ts';
import { fromMicros } from '../../core/money/storage.ts';
import type { HoldReport, LineReport, TxnFilter, TxnReport } from '../../ports/reports.ts';
import { holdRow } from './report-rows.ts';

const BUDGET_KINDS = ['free', 'held', 'spent', 'fa_held', 'fa_spent'] as const;

/** Any number of values: SQLite counts its parameters. */
function oneOf(column: Column, values: Iterable<number>): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify([...values])}))`;
}

/** A line's account: through the budget, where the line is a budget's. */
const ofBudget = and(
  eq(budget.budgetId, ledgerAccount.ownerId),
  inArray(ledgerAccount.kind, [...BUDGET_KINDS]),
);

/** Beyond so many lines an account is met soon enough on the way through the newest transactions. */
const LINES_MAX = 20_000;
/** By name. Free and spent lines name no hold: the index posting_own has exactly those. */
const OWN_LINES = `account n CROSS JOIN budget b ON b.account_id=n.account_id
  CROSS JOIN ledger_account l ON l.owner_id=b.budget_id AND l.kind IN('free','spent','fa_spent')
  CROSS JOIN posting p INDEXED BY posting_own ON p.la_id=l.la_id AND p.hold_id IS NULL`;
/** What the index txn_rare has. */
const IS_RARE = sql.raw("kind NOT IN('hold','charge','release','expire','extend')");
const COMMON: ReadonlySet<TxnKind> = new Set(['hold', 'charge', 'release', 'expire', 'extend']);

function touches(db: BetterSQLite3Database, accountName: string): SQL {
  const met = inArray(
    txn.seq,
    db
      .select({ seq: posting.txnSeq })
      .from(posting)
      .innerJoin(ledgerAccount, eq(ledgerAccount.laId, posting.laId))
      .innerJoin(budget, ofBudget)
      .innerJoin(account, eq(account.accountId, budget.accountId))
      .where(and(eq(posting.txnSeq, txn.seq), eq(account.name, accountName))),
  );
  const own = sql`FROM ${sql.raw(OWN_LINES)} WHERE n.name=${accountName}`;
  const counted = db.get<{ n: bigint }>(
    sql`SELECT COUNT(*) n FROM (SELECT 1 ${own} LIMIT ${LINES_MAX})`,
  );
  if (counted.n >= LINES_MAX) {
    return met;
  }
  // A split has held lines alone. It is rare, and looked at one by one.
  const splits = db
    .select({ seq: txn.seq })
    .from(txn)
    .where(and(eq(txn.kind, 'split'), IS_RARE, met));
  return sql`${txn.seq} IN(SELECT p.txn_seq ${own} UNION SELECT * FROM ${splits})`;
}

/** Of kinds that are few among many, by their index: not past every hold. */
function ofKinds(kinds: readonly TxnKind[]): SQL | undefined {
  const isRare = kinds.every((kind) => !COMMON.has(kind));
  return and(inArray(txn.kind, [...kinds]), isRare ? IS_RARE : undefined);
}

/** Transactions of these holds, and the split that made a task's. */
function ofHolds(db: BetterSQLite3Database, which: SQL | undefined): SQL | undefined {
  return or(
    inArray(txn.holdId, db.select({ id: hold.holdId }).from(hold).where(which)),
    inArray(txn.seq, db.select({ seq: hold.openedSeq }).from(hold).where(which)),
  );
}

function opensHold(db: BetterSQLite3Database, prefix: string): SQL {
  const begins = sql`substr(${hold.token},1,${prefix.length}) = ${prefix}`;
  return inArray(txn.seq, db.select({ seq: hold.openedSeq }).from(hold).where(begins));
}

function ofJob(
  db: BetterSQLite3Database,
  { jobId, arrayTask }: TxnFilter,
  clusterName: string,
): SQL | undefined {
  if (jobId === undefined) {
    return;
  }
  const here = db
    .select({ id: cluster.clusterId })
    .from(cluster)
    .where(eq(cluster.name, clusterName));
  const isTask = arrayTask === undefined ? undefined : eq(hold.arrayTask, arrayTask);
  return ofHolds(db, and(inArray(hold.clusterId, here), eq(hold.jobId, jobId), isTask));
}

function ofRun(db: BetterSQLite3Database, run: NonNullable<TxnFilter['run']>): SQL {
  const { scheduleId, dueDay } = run;
  const which = and(eq(scheduleRun.scheduleId, scheduleId), eq(scheduleRun.dueDay, dueDay));
  return inArray(txn.seq, db.select({ seq: scheduleRun.txnSeq }).from(scheduleRun).where(which));
}

function conditions(
  db: BetterSQLite3Database,
  filter: TxnFilter,
  clusterName: string,
): SQL | undefined {
  const {
    accountName,
    kinds,
    fromUs,
    toUs,
    seqs,
    holdToken,
    parentSeq,
    beforeSeq,
    holdTokenPrefix,
  } = filter;
  return and(
    ...[
      accountName !== undefined && touches(db, accountName),
      kinds && ofKinds(kinds),
      fromUs !== undefined && gte(txn.atUs, fromUs),
      toUs !== undefined && lte(txn.atUs, toUs),
      seqs && oneOf(txn.seq, seqs),
      holdToken !== undefined && ofHolds(db, eq(hold.token, holdToken)),
      holdTokenPrefix !== undefined && opensHold(db, holdTokenPrefix),
      parentSeq !== undefined && eq(txn.parent, parentSeq),
      filter.run && ofRun(db, filter.run),
      beforeSeq !== undefined && lt(txn.seq, beforeSeq),
      filter.afterSeq !== undefined && gt(txn.seq, filter.afterSeq),
      ofJob(db, filter, clusterName),
    ].flatMap((condition) => (condition ? [condition] : [])),
  );
}

function linesOf(
  db: BetterSQLite3Database,
  seqs: readonly number[],
): ReadonlyMap<number, LineReport[]> {
  const rows = db
    .select({
      seq: posting.txnSeq,
      line: posting.line,
      kind: ledgerAccount.kind,
      ownerId: ledgerAccount.ownerId,
      accountId: account.accountId,
      accountName: account.name,
      amount: posting.amount,
      holdId: posting.holdId,
      partition: posting.partition,
    })
    .from(posting)
    .innerJoin(ledgerAccount, eq(ledgerAccount.laId, posting.laId))
    .leftJoin(budget, ofBudget)
    .leftJoin(account, eq(account.accountId, budget.accountId))
    .where(oneOf(posting.txnSeq, seqs))
    .orderBy(posting.txnSeq, posting.line)
    .all();
  return Map.groupBy(
    rows.map((row) => ({
      ...row,
      accountId: row.accountId ?? 0,
      accountName: row.accountName ?? '',
      amount: fromMicros(row.amount),
      holdId: row.holdId ?? undefined,
    })),
    ({ seq }) => seq,
  );
}

/** Holds with what a report says of them; newest first. */
export function holdReports(
  db: BetterSQLite3Database,
  where: SQL | undefined,
  limit: number,
): readonly HoldReport[] {
  const array = alias(hold, 'array_hold');
  return db
    .select({
      row: hold,
      accountId: account.accountId,
      accountName: account.name,
      parentToken: array.token,
      endedUs: txn.atUs,
    })
    .from(hold)
    .innerJoin(budget, eq(budget.budgetId, hold.budgetId))
    .innerJoin(account, eq(account.accountId, budget.accountId))
    .leftJoin(array, eq(array.holdId, hold.parentId))
    .leftJoin(txn, eq(txn.seq, hold.endedSeq))
    .where(where)
    .orderBy(desc(hold.holdId))
    .limit(limit)
    .all()
    .map(({ row, accountId, accountName, parentToken, endedUs }) => ({
      row: holdRow(row),
      accountId,
      accountName,
      parentToken: parentToken ?? undefined,
      endedUs: endedUs ?? undefined,
    }));
}

interface Told {
  readonly actor: string;
  readonly verb: string;
  readonly reason: string;
  readonly metadata: string;
}

function toldOf(db: BetterSQLite3Database, seqs: readonly number[]): ReadonlyMap<number, Told> {
  const rows = db
    .select({
      seq: journal.txnSeq,
      actor: journal.actor,
      verb: journal.verb,
      reason: sql<string | null>`json_extract(${journal.body},'$.args.reason')`,
      metadata: sql<string | null>`json_extract(${journal.body},'$.args.metadata')`,
    })
    .from(journal)
    .where(oneOf(journal.txnSeq, seqs))
    .all();
  return new Map(
    rows.map(({ seq, actor, verb, reason, metadata }) => [
      seq ?? 0,
      { actor, verb, reason: textOf(reason), metadata: textOf(metadata) },
    ]),
  );
}

function runsOf(
  db: BetterSQLite3Database,
  seqs: readonly number[],
): ReadonlyMap<number, NonNullable<TxnReport['run']>> {
  const rows = db.select().from(scheduleRun).where(oneOf(scheduleRun.txnSeq, seqs)).all();
  return new Map(rows.map(({ txnSeq, scheduleId, dueDay }) => [txnSeq, { scheduleId, dueDay }]));
}

const NOTHING_TOLD: Told = { actor: '', verb: '', reason: '', metadata: '' };

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Transactions with their lines, holds and journal, newest first unless `afterSeq` is given. */
export function txnReports(
  db: BetterSQLite3Database,
  filter: TxnFilter,
  clusterName: string,
): readonly TxnReport[] {
  const rows = db
    .select()
    .from(txn)
    .where(conditions(db, filter, clusterName))
    .orderBy(filter.afterSeq === undefined ? desc(txn.seq) : asc(txn.seq))
    .limit(filter.limit)
    .all();
  const seqs = rows.map(({ seq }) => seq);
  const lines = linesOf(db, seqs);
  const told = toldOf(db, seqs);
  const runs = runsOf(db, seqs);
  const holdIds = new Set<number>();
  for (const { seq, holdId } of rows) {
    for (const id of [holdId, ...(lines.get(seq) ?? []).map((line) => line.holdId)]) {
      holdIds.add(id ?? 0);
    }
  }
  const holds = new Map(
    holdReports(db, oneOf(hold.holdId, holdIds), holdIds.size).map((report) => [
      report.row.holdId,
      report,
    ]),
  );
  return rows.map((row): TxnReport => {
    const own = lines.get(row.seq) ?? [];
    const ids = new Set([row.holdId ?? 0, ...own.map(({ holdId }) => holdId ?? 0)]);
    return {
      seq: row.seq,
      atUs: row.atUs,
      kind: row.kind,
      run: runs.get(row.seq),
      cause: row.cause,
      over: row.over,
      effectiveS: row.effectiveS,
      day: row.day,
      parent: row.parent ?? undefined,
      reverses: row.reverses ?? undefined,
      holdId: row.holdId ?? undefined,
      lines: own,
      holds: [...ids].flatMap((id) => holds.get(id) ?? []),
      ...(told.get(row.seq) ?? NOTHING_TOLD),
    };
  });
}
