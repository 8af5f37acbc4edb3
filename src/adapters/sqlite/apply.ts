import { assert } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Change, Txn } from '../../core/ledger/change.ts';
import type { AccountRow } from '../../core/ledger/rows.ts';
import type { View } from '../../core/ledger/view.ts';
import { negate } from '../../core/money/money.ts';
import { addToTxn, changeAward } from './apply-award.ts';
import { budgetSide, isOfBudgetSide } from './budget-side-later.ts';
import type { Cell } from './cells.ts';
import { micros, wholeOrNone } from './cells.ts';
import { imageOf } from './journal.ts';
import { addBelow, idsAbove, type Posted, post } from './post.ts';
import { insert, put } from './put.ts';
import type { Statements } from './statements.ts';
import {
  accountTable,
  budgetTable,
  holdTable,
  instanceTable,
  intentTable,
  partitionLimitTable,
  putSql,
  shareTable,
  slurmNameTable,
  type Table,
  usageTable,
} from './tables.ts';

/** What one journal row tells of: a transaction with the row images that came with it, or images alone. */
export interface Segment {
  readonly txn?: { readonly txn: Txn; readonly seq: number; readonly posted: readonly Posted[] };
  readonly rows: Readonly<Record<string, readonly Json[]>>;
}

const PUT_CLUSTER = 'INSERT OR IGNORE INTO cluster(cluster_id,name) VALUES(?,?)';
const PUT_HOLD = putSql(holdTable);
const PUT_NOTE =
  'INSERT INTO note(name,value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value';
const DROP_NOTE = 'DELETE FROM note WHERE name=?';
const SETTLE = 'UPDATE share SET txn_seq=? WHERE usage_id=? AND n=? AND txn_seq IS NULL';
const SETTLE_VOLUMES =
  'UPDATE share SET volume_seq=? WHERE usage_id=? AND n=? AND volume_seq IS NULL';
const SUBTREE = `WITH RECURSIVE one(id) AS (SELECT ?)
  SELECT (SELECT parent_id FROM account WHERE account_id=id) parent_id,
    COALESCE((SELECT held_micro FROM below WHERE account_id=id),0)+${ownSum('held')} held_micro,
    COALESCE((SELECT spent_micro FROM below WHERE account_id=id),0)+${ownSum('spent')} spent_micro FROM one`;

export const APPLY_SQL: readonly string[] = [PUT_CLUSTER, PUT_HOLD];

/** What an account's own budgets have in `held` or `spent`, as I2 counts it. */
function ownSum(kind: string): string {
  return `COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
    AND (a.kind='${kind}' OR (a.kind='fa_${kind}' AND b.basis='total')) JOIN balance p USING(la_id) WHERE b.account_id=id),0)`;
}

type Shape = Pick<Table<never>, 'name' | 'columns'>;

/** Gathers the images of one segment, by table. */
class Images {
  readonly #rows: Record<string, Json[]> = {};

  put(table: Shape, cells: readonly Cell[]): void {
    this.add(table.name, imageOf(table.columns, cells));
  }

  /** A row that is gone: its key, and nothing else. */
  drop(table: Shape, key: readonly Cell[]): void {
    this.add(table.name, imageOf(table.columns, key));
  }

  add(table: string, image: Json): void {
    this.#rows[table] ??= [];
    this.#rows[table].push(image);
  }

  rows(): Readonly<Record<string, readonly Json[]>> {
    return this.#rows;
  }
}

/** A new parent: what lies in the account and below it leaves the old ancestors for the new ones. */
function moveSubtree(sql: Statements, row: AccountRow): void {
  const before = sql.get('SELECT parent_id FROM account WHERE account_id=?', row.accountId);
  if (before === undefined || wholeOrNone(before, 'parent_id') === row.parentId) {
    return;
  }
  const cells = sql.get(SUBTREE, row.accountId) ?? {};
  const held = micros(cells, 'held_micro');
  const spent = micros(cells, 'spent_micro');
  addBelow(sql, idsAbove(sql, wholeOrNone(cells, 'parent_id')), negate(held), negate(spent));
  const above = idsAbove(sql, row.parentId);
  assert(!above.includes(row.accountId), `account ${row.accountId} would lie below itself`);
  addBelow(sql, above, held, spent);
}

function removeAccount(sql: Statements, accountId: number, images: Images): void {
  const key = 'WHERE account_id=?';
  budgetSide().removeBudgetSide(sql, accountId, (table, cells) => images.drop(table, cells));
  for (const table of [slurmNameTable, partitionLimitTable, budgetTable] as const) {
    for (const cells of sql.all(`SELECT * FROM ${table.name} ${key}`, accountId)) {
      const keys = table.columns.slice(0, table.keys).map((column) => cells[column] ?? null);
      images.drop(table, keys);
    }
  }
  sql.run(
    `DELETE FROM ledger_account WHERE kind IN('free','held','spent','fa_held','fa_spent')
      AND owner_id IN(SELECT budget_id FROM budget ${key})`,
    accountId,
  );
  for (const table of ['slurm_name', 'partition_limit', 'budget', 'below', 'account']) {
    sql.run(`DELETE FROM ${table} ${key}`, accountId);
  }
  images.drop(accountTable, [accountId]);
}

function changeAccounts(sql: Statements, change: Change, images: Images): void {
  switch (change.change) {
    case 'putAccount':
      moveSubtree(sql, change.row);
      images.put(accountTable, put(sql, accountTable, change.row));
      break;
    case 'removeAccount':
      removeAccount(sql, change.accountId, images);
      break;
    case 'putSlurmName':
      images.put(slurmNameTable, put(sql, slurmNameTable, change.row));
      break;
    case 'removeSlurmName':
      sql.run(
        'DELETE FROM slurm_name WHERE name=? AND cluster_id=?',
        change.name,
        change.clusterId,
      );
      images.drop(slurmNameTable, [change.name, change.clusterId]);
      break;
    case 'putBudget':
      images.put(budgetTable, put(sql, budgetTable, change.row));
      break;
    case 'putPartitionLimit':
      images.put(partitionLimitTable, put(sql, partitionLimitTable, change.row));
      break;
    case 'removePartitionLimit':
      sql.run(
        'DELETE FROM partition_limit WHERE account_id=? AND partition=?',
        change.accountId,
        change.partition,
      );
      images.drop(partitionLimitTable, [change.accountId, change.partition]);
      break;
    default:
      if (isOfBudgetSide(change)) {
        budgetSide().changeBudgetSide(sql, change, (table, cells) => images.put(table, cells));
      } else {
        changeAward(sql, change, (table, cells) => images.put(table, cells));
      }
  }
}

/** Rows before postings: a posting names its hold, an instance its intent. */
function changeRow(sql: Statements, change: Change, images: Images): void {
  switch (change.change) {
    case 'putHold':
      images.put(holdTable, put(sql, holdTable, change.row));
      break;
    case 'putIntent':
      put(sql, intentTable, change.row);
      break;
    case 'putInstance':
      put(sql, instanceTable, change.row);
      break;
    case 'insertUsage':
      insert(sql, usageTable, change.row);
      break;
    case 'putNote':
      if (change.value === '') {
        sql.run(DROP_NOTE, change.name);
      } else {
        sql.run(PUT_NOTE, change.name, change.value);
      }
      break;
    default:
      changeAccounts(sql, change, images);
  }
}

/** Shares and F&A come last: they name the transaction that they belong to. */
function changeShare(sql: Statements, change: Change): void {
  if (change.change === 'insertShare') {
    insert(sql, shareTable, change.row);
  } else if (change.change === 'settleShare' || change.change === 'settleVolumes') {
    const { usageId, n, txnSeq } = change;
    const settle = change.change === 'settleShare' ? SETTLE : SETTLE_VOLUMES;
    const settled = sql.run(settle, txnSeq, usageId, n);
    assert(settled === 1, `share ${usageId}/${n} is not there or was settled before`);
  } else {
    addToTxn(sql, change);
    if (isOfBudgetSide(change)) {
      budgetSide().addBudgetSideToTxn(sql, change);
    }
  }
}

/** A journal row a transaction; the changes before a `post` and up to the next go with it. */
function segmentsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const segments: Change[][] = [[]];
  for (const change of changes) {
    const last = segments.at(-1) ?? [];
    if (change.change === 'post' && last.some((earlier) => earlier.change === 'post')) {
      segments.push([change]);
    } else {
      last.push(change);
    }
  }
  return segments;
}

/** Writes what was decided, inside the caller's transaction; returns what the journal must tell. */
export function applyChanges(
  sql: Statements,
  changes: readonly Change[],
  view: View,
): readonly Segment[] {
  sql.run(PUT_CLUSTER, view.clusterId, view.clusterName);
  const segments = segmentsOf(changes).map((list) => ({ list, images: new Images() }));
  for (const { list, images } of segments) {
    for (const change of list) {
      changeRow(sql, change, images);
    }
  }
  let seq = view.next.seq;
  const done = segments.map(({ list, images }): Segment => {
    const change = list.find((each) => each.change === 'post');
    if (change === undefined) {
      return { rows: images.rows() };
    }
    const posted = post(sql, change.txn, seq, view.nowUs);
    seq += 1;
    return { rows: images.rows(), txn: { txn: change.txn, seq: seq - 1, posted } };
  });
  for (const change of changes) {
    changeShare(sql, change);
  }
  return done;
}
