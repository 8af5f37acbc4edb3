import type { AccountRow } from '../../core/ledger/rows.ts';
import type {
  AccountFigures,
  AccountMoney,
  BudgetFigures,
  PartitionFigures,
  PayerView,
  Query,
} from '../../core/ledger/view.ts';
import { type Money, plus, ZERO } from '../../core/money/money.ts';
import { micros, type SqlRow, text, whole, word } from './cells.ts';
import type { Statements } from './statements.ts';
import { accountTable, budgetTable, partitionLimitTable, slurmNameTable } from './tables.ts';
import { awardMoney, withPeriod } from './view-awards.ts';

const BY_ID = 'SELECT * FROM account WHERE account_id=?';
const BY_NAME = 'SELECT * FROM account WHERE name=?';
const ALL = 'SELECT * FROM account ORDER BY name';
const PAYER =
  'SELECT account_id FROM slurm_name WHERE name=? AND cluster_id IN(?,0) ORDER BY cluster_id DESC LIMIT 1';
const USER_HOLDS = `SELECT COUNT(*) n FROM hold
  WHERE state='open' AND cluster_id=? AND user_name=? AND parent_id IS NULL`;
const NAMES_ON_ALL = `SELECT * FROM slurm_name
  WHERE name IN(SELECT value FROM json_each(?)) ORDER BY name, cluster_id`;

/** One row a budget and sum, in order of draw; a budget without any sum has one without an amount. */
const BUDGETS = `SELECT b.*, a.kind, p.amount_micro FROM budget b
  LEFT JOIN ledger_account a ON a.owner_id=b.budget_id AND a.kind IN('free','held','spent','fa_held','fa_spent')
  LEFT JOIN balance p USING(la_id) WHERE b.account_id=? ORDER BY b.rank`;
const HAS_LIMITS = 'SELECT 1 FROM partition_limit WHERE account_id=? LIMIT 1';

function partitionSum(kind: string): string {
  return `COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
    AND (a.kind='${kind}' OR (a.kind='fa_${kind}' AND b.basis='total'))
    JOIN partition_balance p ON p.la_id=a.la_id AND p.partition=l.partition
    WHERE b.account_id=l.account_id),0)`;
}
const PARTITIONS = `SELECT l.*, ${partitionSum('held')} held_micro, ${partitionSum('spent')} spent_micro
  FROM partition_limit l WHERE account_id=? ORDER BY partition`;

const PARTITION_USE = `SELECT COALESCE(SUM(p.amount_micro),0) spent_micro FROM account c
  JOIN budget b USING(account_id) JOIN ledger_account a ON a.owner_id=b.budget_id
    AND (a.kind='spent' OR (a.kind='fa_spent' AND b.basis='total'))
  JOIN partition_balance p ON p.la_id=a.la_id AND p.partition=? WHERE c.name=?`;

const BELOW = 'SELECT held_micro, spent_micro FROM below WHERE account_id=?';
const SLURM_NAMES = 'SELECT * FROM slurm_name WHERE account_id=? ORDER BY name, cluster_id';
const REST = `WITH RECURSIVE me(id) AS (SELECT ?), down(id,level) AS (SELECT id,0 FROM me
    UNION ALL SELECT c.account_id, level+1 FROM down JOIN account c ON c.parent_id=down.id WHERE level<9)
  SELECT (SELECT MAX(level) FROM down) height,
    (SELECT json_group_array(name) FROM (SELECT name FROM account WHERE parent_id=(SELECT id FROM me) ORDER BY name)) children,
    (SELECT COUNT(*) FROM hold WHERE state='open' AND budget_id IN(SELECT budget_id FROM budget WHERE account_id=(SELECT id FROM me))) holds,
    EXISTS(SELECT 1 FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
      AND a.kind IN('free','held','spent','fa_held','fa_spent') JOIN balance USING(la_id) WHERE b.account_id=(SELECT id FROM me))
      OR EXISTS(SELECT 1 FROM deadline WHERE account_id=(SELECT id FROM me))
      OR EXISTS(SELECT 1 FROM alert WHERE account_id=(SELECT id FROM me)) history`;

/** What every view of a payer compiles. */
export const PAYER_SQL: readonly string[] = [
  ...[PAYER, BY_ID, BUDGETS, HAS_LIMITS, BELOW, USER_HOLDS],
];

const ZERO_BELOW = { held_micro: 0n, spent_micro: 0n };

/** Which figure a balance counts in; F&A only where the budget's basis is total. */
const FIGURE = {
  free: 'free',
  held: 'held',
  fa_held: 'held',
  spent: 'spent',
  fa_spent: 'spent',
} as const;
const KINDS = ['free', 'held', 'fa_held', 'spent', 'fa_spent'] as const;

/** Budgets, each by its rows of `kind` and `amount_micro`, in the order of the rows. */
export function budgetFigures(rows: readonly SqlRow[]): readonly BudgetFigures[] {
  const found = new Map<number, BudgetFigures>();
  for (const cells of rows) {
    const id = whole(cells, 'budget_id');
    const figures = found.get(id) ?? {
      budget: budgetTable.row(cells),
      free: ZERO,
      held: ZERO,
      spent: ZERO,
    };
    found.set(id, cells['amount_micro'] === null ? figures : counted(figures, cells));
  }
  return [...found.values()];
}

function budgetsOf(sql: Statements, accountId: number): readonly BudgetFigures[] {
  return budgetFigures(sql.all(BUDGETS, accountId)).map((figures) => withAward(sql, figures));
}

/** Only a budget of a grant asks for one. */
function withAward(sql: Statements, figures: BudgetFigures): BudgetFigures {
  const { awardId } = figures.budget;
  return awardId === undefined ? figures : { ...figures, award: awardMoney(sql, awardId) };
}

function counted(figures: BudgetFigures, cells: SqlRow): BudgetFigures {
  const kind = word(cells, 'kind', KINDS);
  if (kind.startsWith('fa') && figures.budget.basis !== 'total') {
    return figures;
  }
  const figure = FIGURE[kind];
  return { ...figures, [figure]: plus(figures[figure], micros(cells, 'amount_micro')) };
}

function partitionsOf(sql: Statements, accountId: number): readonly PartitionFigures[] {
  if (sql.get(HAS_LIMITS, accountId) === undefined) {
    return []; // most accounts: the sums need not even be compiled
  }
  return sql.all(PARTITIONS, accountId).map((cells) => ({
    limit: partitionLimitTable.row(cells),
    held: micros(cells, 'held_micro'),
    spent: micros(cells, 'spent_micro'),
  }));
}

function moneyOf(sql: Statements, account: AccountRow): AccountMoney {
  const id = account.accountId;
  const below = sql.get(BELOW, id) ?? ZERO_BELOW;
  return {
    account,
    budgets: budgetsOf(sql, id),
    partitions: partitionsOf(sql, id),
    belowHeld: micros(below, 'held_micro'),
    belowSpent: micros(below, 'spent_micro'),
  };
}

function figuresOf(sql: Statements, account: AccountRow): AccountFigures {
  const id = account.accountId;
  const rest = sql.get(REST, id) ?? {};
  return {
    ...moneyOf(sql, account),
    slurmNames: sql.all(SLURM_NAMES, id).map(slurmNameTable.row),
    // json_group_array over a TEXT column: an array of strings.
    childNames: JSON.parse(text(rest, 'children')) as readonly string[],
    height: whole(rest, 'height'),
    openHoldCount: whole(rest, 'holds'),
    hasHistory: whole(rest, 'history') === 1,
  };
}

function accountById(sql: Statements, id: number): AccountRow {
  return accountTable.row(sql.get(BY_ID, id) ?? {});
}

export function figuresById(sql: Statements, id: number): AccountFigures {
  return figuresOf(sql, accountById(sql, id));
}

/** Parent first, root last; a cycle (I2) ends the walk. */
function ancestorsOf(sql: Statements, account: AccountRow): readonly AccountRow[] {
  const chain: AccountRow[] = [];
  const seen = new Set([account.accountId]);
  for (let id = account.parentId; id !== undefined && !seen.has(id); ) {
    const row = accountById(sql, id);
    seen.add(id);
    chain.push(row);
    id = row.parentId;
  }
  return chain;
}

function payerOf(sql: Statements, accountId: number, userOpenHoldCount: number): PayerView {
  const account = accountById(sql, accountId);
  return {
    account: moneyOf(sql, account),
    ancestors: ancestorsOf(sql, account).map((row) => moneyOf(sql, row)),
    userOpenHoldCount,
  };
}

interface Here {
  readonly clusterId: number;
  readonly dayOf: (epochS: number) => number;
}

/** SLURM keeps account names in lower case: that spelling counts where the exact one is unknown. */
export function loadPayer(
  sql: Statements,
  { slurmAccount, userName, periods }: NonNullable<Query['payer']>,
  { clusterId, dayOf }: Here,
): PayerView | undefined {
  const found =
    sql.get(PAYER, slurmAccount, clusterId) ??
    sql.get(PAYER, slurmAccount.toLowerCase(), clusterId);
  if (found === undefined) {
    return;
  }
  const user = userName === undefined ? undefined : sql.get(USER_HOLDS, clusterId, userName);
  const openHolds = user === undefined ? 0 : whole(user, 'n');
  const known = payerOf(sql, whole(found, 'account_id'), openHolds);
  const { startS, endS } = known.account.account;
  const payer = { ...known, days: { first: dayOf(startS), last: dayOf(endS) } };
  return periods === true ? withPeriods(sql, payer, dayOf) : payer;
}

function withPeriods(sql: Statements, payer: PayerView, dayOf: Here['dayOf']): PayerView {
  const budgets = payer.account.budgets.map((figures) =>
    figures.award === undefined
      ? figures
      : { ...figures, award: withPeriod(sql, figures.award, dayOf) },
  );
  return { ...payer, account: { ...payer.account, budgets } };
}

/** The accounts that pay for these budgets, each once. */
export function loadOwners(sql: Statements, budgetIds: ReadonlySet<number>): readonly PayerView[] {
  const accountIds = [...budgetIds].map((id) =>
    whole(sql.get('SELECT account_id FROM budget WHERE budget_id=?', id) ?? {}, 'account_id'),
  );
  return [...new Set(accountIds)].map((id) => payerOf(sql, id, 0));
}

export function loadAccounts(sql: Statements, query: Query): readonly AccountFigures[] {
  const named = (query.accounts ?? []).flatMap((name) => sql.all(BY_NAME, name));
  const rows = (query.allAccounts === true ? sql.all(ALL) : named).map(accountTable.row);
  const unique = new Map<number, AccountRow>();
  for (const row of rows) {
    for (const each of [row, ...ancestorsOf(sql, row)]) {
      unique.set(each.accountId, each);
    }
  }
  return [...unique.values()].map((row) => figuresOf(sql, row));
}

/** What the account has spent on a partition, with a limit or without. */
export function loadPartitionUse(
  sql: Statements,
  { account, partition }: NonNullable<Query['partitionUse']>,
): Money {
  return micros(sql.get(PARTITION_USE, partition, account) ?? {}, 'spent_micro');
}

export function loadSlurmNames(
  sql: Statements,
  names: readonly string[],
): ReturnType<typeof slurmNameTable.row>[] {
  return sql.all(NAMES_ON_ALL, JSON.stringify(names)).map(slurmNameTable.row);
}
