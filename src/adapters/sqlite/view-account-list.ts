import type { AccountFigures } from '../../core/ledger/view.ts';
import { micros } from './cells.ts';
import type { Statements } from './statements.ts';
import { accountTable, slurmNameTable } from './tables.ts';
import { budgetFigures } from './view-accounts.ts';

// Many accounts at once: three statements in all, where view-accounts.ts has seven an account.

const THESE = 'IN(SELECT value FROM json_each(?))';
const ACCOUNTS = `SELECT a.*, COALESCE(d.held_micro,0) below_held, COALESCE(d.spent_micro,0) below_spent
  FROM account a LEFT JOIN below d USING(account_id) WHERE a.account_id ${THESE}`;
const BUDGETS = `SELECT b.*, a.kind, p.amount_micro FROM budget b
  LEFT JOIN ledger_account a ON a.owner_id=b.budget_id AND a.kind IN('free','held','spent','fa_held','fa_spent')
  LEFT JOIN balance p USING(la_id) WHERE b.account_id ${THESE} ORDER BY b.account_id, b.rank`;
const NAMES = `SELECT * FROM slurm_name WHERE account_id ${THESE} ORDER BY name, cluster_id`;

/** Money, dates and SLURM names of accounts; what lists do not show is empty. By account_id. */
export function listedFigures(
  sql: Statements,
  ids: readonly number[],
): ReadonlyMap<number, AccountFigures> {
  const these = JSON.stringify(ids);
  const budgets = budgetFigures(sql.all(BUDGETS, these));
  const ofAccount = Map.groupBy(budgets, ({ budget }) => budget.accountId);
  const names = Map.groupBy(
    sql.all(NAMES, these).map(slurmNameTable.row),
    ({ accountId }) => accountId,
  );
  return new Map(
    sql.all(ACCOUNTS, these).map((cells) => {
      const account = accountTable.row(cells);
      const id = account.accountId;
      return [
        id,
        {
          account,
          budgets: ofAccount.get(id) ?? [],
          partitions: [],
          belowHeld: micros(cells, 'below_held'),
          belowSpent: micros(cells, 'below_spent'),
          slurmNames: names.get(id) ?? [],
          childNames: [],
          height: 0,
          openHoldCount: 0,
          hasHistory: false,
        },
      ];
    }),
  );
}
