import { assert } from '../../core/errors.ts';
import type { Line, Txn } from '../../core/ledger/change.ts';
import type { LedgerAccountKind } from '../../core/ledger/rows.ts';
import { isNegative, isZero, type Money, negate, plus, sum, ZERO } from '../../core/money/money.ts';
import { micros, text, whole, wholeOrNone } from './cells.ts';
import { addToJobDays } from './job-days.ts';
import type { Statements } from './statements.ts';

const INSERT_TXN = `INSERT INTO txn(seq,at_us,kind,cause,over,effective_s,day,cluster_id,hold_id,parent,reverses)
  VALUES(?,?,?,?,?,?,?,?,?,?,?)`;
const INSERT_POSTING =
  'INSERT INTO posting(txn_seq,line,la_id,amount_micro,hold_id,partition) VALUES(?,?,?,?,?,?)';
const FIND_LA = 'SELECT la_id FROM ledger_account WHERE kind=? AND owner_id=?';
const MAKE_LA = 'INSERT INTO ledger_account(kind,owner_id) VALUES(?,?) RETURNING la_id';
const ADD_BALANCE = `INSERT INTO balance(la_id,amount_micro) VALUES(?,?)
  ON CONFLICT(la_id) DO UPDATE SET amount_micro=amount_micro+excluded.amount_micro RETURNING amount_micro`;
const ADD_PARTITION = `INSERT INTO partition_balance(la_id,partition,amount_micro) VALUES(?,?,?)
  ON CONFLICT(la_id,partition) DO UPDATE SET amount_micro=amount_micro+excluded.amount_micro`;
const ADD_BELOW = `INSERT INTO below(account_id,held_micro,spent_micro) VALUES(?,?,?)
  ON CONFLICT(account_id) DO UPDATE SET held_micro=held_micro+excluded.held_micro,
    spent_micro=spent_micro+excluded.spent_micro`;
const ADD_DAY = `INSERT INTO day_spend(budget_id,day,partition,spent_micro,fa_micro) VALUES(?,?,?,?,?)
  ON CONFLICT(budget_id,day,partition) DO UPDATE SET spent_micro=spent_micro+excluded.spent_micro,
    fa_micro=fa_micro+excluded.fa_micro`;
const OWNER = `SELECT b.basis, a.account_id, a.parent_id FROM budget b JOIN account a USING(account_id)
  WHERE b.budget_id=?`;
const PARENT = 'SELECT parent_id FROM account WHERE account_id=?';
const TREE_DEPTH = 8;

/** The statements of every posting; compiled before the lock. */
export const POST_SQL: readonly string[] = [
  ...[INSERT_TXN, INSERT_POSTING, FIND_LA, ADD_BALANCE, ADD_PARTITION, OWNER],
];

/** One posting as it was stored: line, la_id, amount, hold_id, partition. */
export type Posted = readonly [
  line: number,
  laId: number,
  amount: Money,
  holdId: number | null,
  partition: string,
];

/** What may go below zero, and by which flag (reliability.md I3). */
const REAL_COST: ReadonlySet<string> = new Set(['charge', 'late', 'adjust', 'external']);
const BY_CHOICE: ReadonlySet<string> = new Set(['hold', 'extend', 'fund', 'allocate']);

function checkTxn(txn: Txn): void {
  const { kind, lines, over = 0 } = txn;
  assert(lines.length >= 2, `${kind} has ${lines.length} lines`);
  assert(isZero(sum(lines.map(({ amount }) => amount))), `the lines of a ${kind} do not add up`);
  assert(
    over === 0 || (over === 1 ? REAL_COST : BY_CHOICE).has(kind),
    `${kind} cannot be marked over=${over}`,
  );
  for (const line of lines) {
    const isHeld = line.kind === 'held' || line.kind === 'fa_held';
    assert(!isHeld || line.holdId !== undefined, `a ${line.kind} line of ${kind} names no hold`);
  }
}

function ledgerAccount(sql: Statements, { kind, ownerId }: Line): number {
  const found = sql.get(FIND_LA, kind, ownerId) ?? sql.get(MAKE_LA, kind, ownerId);
  return whole(found ?? {}, 'la_id');
}

/** Adds up amounts under a name, so that each sum is written once a transaction. */
class Sums<Key> {
  readonly #sums: { readonly name: string; readonly key: Key; amount: Money }[] = [];

  add(name: string, key: Key, amount: Money): void {
    const entry = this.#sums.find((sum) => sum.name === name);
    if (entry === undefined) {
      this.#sums.push({ name, key, amount });
    } else {
      entry.amount = plus(entry.amount, amount);
    }
  }

  /** Those that change something. */
  entries(): readonly { readonly key: Key; readonly amount: Money }[] {
    return this.#sums.filter(({ amount }) => !isZero(amount));
  }
}

function addBalances(sql: Statements, txn: Txn, laIds: readonly number[]): void {
  const balances = new Sums<{ laId: number; kind: LedgerAccountKind }>();
  const partitions = new Sums<{ laId: number; partition: string }>();
  for (const [at, { kind, amount, partition = '' }] of txn.lines.entries()) {
    const laId = laIds[at] ?? 0;
    balances.add(String(laId), { laId, kind }, amount);
    if (partition !== '') {
      partitions.add(`${laId} ${partition}`, { laId, partition }, amount);
    }
  }
  for (const { key, amount } of balances.entries()) {
    const left = micros(sql.get(ADD_BALANCE, key.laId, amount) ?? {}, 'amount_micro');
    const isGuarded = key.kind === 'free' || key.kind === 'award';
    assert(
      !(isGuarded && isNegative(amount) && isNegative(left)) || (txn.over ?? 0) !== 0,
      `a ${txn.kind} would overdraw ${key.kind} by ${negate(left)} without saying so`,
    );
  }
  for (const { key, amount } of partitions.entries()) {
    sql.run(ADD_PARTITION, key.laId, key.partition, amount);
  }
}

/** What counts in an account's figures: direct costs, and F&A where the budget's basis is total. */
const COUNTED: Readonly<Partial<Record<LedgerAccountKind, 'always' | 'total'>>> = {
  held: 'always',
  spent: 'always',
  fa_held: 'total',
  fa_spent: 'total',
};

/** The accounts above one, nearest first. */
export function idsAbove(sql: Statements, parentId: number | undefined): readonly number[] {
  const ids: number[] = [];
  for (let id = parentId; id !== undefined; ) {
    assert(ids.length < TREE_DEPTH, `account ${id} lies more than ${TREE_DEPTH} deep`);
    ids.push(id);
    id = wholeOrNone(sql.get(PARENT, id) ?? {}, 'parent_id');
  }
  return ids;
}

export function addBelow(
  sql: Statements,
  accountIds: readonly number[],
  held: Money,
  spent: Money,
): void {
  if (!(isZero(held) && isZero(spent))) {
    for (const id of accountIds) {
      sql.run(ADD_BELOW, id, held, spent);
    }
  }
}

function addToTree(sql: Statements, txn: Txn): void {
  const sums = new Sums<Line>();
  for (const line of txn.lines.filter(({ kind }) => kind in COUNTED)) {
    sums.add(`${line.kind} ${line.ownerId}`, line, line.amount);
  }
  for (const { key, amount } of sums.entries()) {
    const owner = sql.get(OWNER, key.ownerId) ?? {};
    if (COUNTED[key.kind] === 'always' || text(owner, 'basis') === 'total') {
      const above = idsAbove(sql, wholeOrNone(owner, 'parent_id'));
      const isHeld = key.kind.endsWith('held');
      addBelow(sql, above, isHeld ? amount : ZERO, isHeld ? ZERO : amount);
    }
  }
}

function addToDays(sql: Statements, txn: Txn): void {
  for (const { kind, ownerId, amount, partition = '' } of txn.lines) {
    if (kind === 'spent' || kind === 'fa_spent') {
      const isFa = kind === 'fa_spent';
      sql.run(ADD_DAY, ownerId, txn.day, partition, isFa ? ZERO : amount, isFa ? amount : ZERO);
    }
  }
}

/** One balanced transaction with every sum that is kept of it. Wrong books are a Bug. */
export function post(sql: Statements, txn: Txn, seq: number, atUs: number): readonly Posted[] {
  checkTxn(txn);
  sql.run(
    INSERT_TXN,
    ...[seq, atUs, txn.kind, txn.cause ?? '', txn.over ?? 0, txn.effectiveS, txn.day],
    ...[txn.clusterId ?? null, txn.holdId ?? null, txn.parent ?? null, txn.reverses ?? null],
  );
  const laIds = txn.lines.map((line) => ledgerAccount(sql, line));
  const posted = txn.lines.map(
    ({ amount, holdId, partition }, line): Posted => [
      ...([line, laIds[line] ?? 0, amount, holdId ?? null, partition ?? ''] as const),
    ],
  );
  for (const cells of posted) {
    sql.run(INSERT_POSTING, seq, ...cells);
  }
  addBalances(sql, txn, laIds);
  addToTree(sql, txn);
  addToDays(sql, txn);
  addToJobDays(sql, txn, seq);
  return posted;
}
